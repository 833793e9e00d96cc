/*---
description: Customers by the month of their first order (cohort), and how many of them bought again in each month after
primary_key: [coorte, meses_depois]
columns:
  coorte: { type: date }
  meses_depois: { type: integer, tests: [ { between: [0, 35] } ] }
  clientes: { type: integer, not_null: true }
  tamanho_coorte: { type: integer, not_null: true }
  retencao_pct: { type: 'numeric(6,2)', not_null: true, tests: [ { between: [0, 100] } ] }
tests: [ { expression: 'meses_depois > 0 or clientes = tamanho_coorte', name: a cohort is whole in its first month } ]
dashboard: clientes
charts:
  - title: { pt-BR: Retenção por coorte, en: Retention by cohort }
    description: { pt-BR: '% dos clientes da coorte que compraram de novo, por meses depois da primeira compra', en: '% of the cohort that bought again, by months after the first order' }
    order: 10
    width: full
    height: 520
    where: meses_depois=gt.0
    mark: rect
    encoding:
      x: { field: meses_depois, type: ordinal, axis: { labelAngle: 0 }, title: { pt-BR: Meses depois da primeira compra, en: Months after the first order } }
      y: { field: coorte, type: ordinal, timeUnit: yearmonth, title: null }
      color: { field: retencao_pct, type: quantitative, title: '%' }
---*/
with meses as (
  select distinct id_cliente, mes from {{ref "silver.vendas"}} as vendas where id_cliente is not null
), primeiras as (
  select id_cliente, min(mes) as coorte from meses group by id_cliente
), tamanhos as (
  select coorte, count(*) as tamanho_coorte from primeiras group by coorte
)
select
  coorte,
  (extract(year from mes) - extract(year from coorte)) * 12 + extract(month from mes) - extract(month from coorte) as meses_depois,
  count(*) as clientes,
  tamanho_coorte,
  100.0 * count(*) / tamanho_coorte as retencao_pct
from meses
join primeiras using (id_cliente)
join tamanhos using (coorte)
group by coorte, mes, tamanho_coorte

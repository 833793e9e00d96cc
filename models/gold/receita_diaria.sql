/*---
description: Revenue of each day, days without sales included, with the average of seven days
primary_key: dia
columns:
  dia: { type: date }
  pedidos: { type: integer, not_null: true }
  receita: { type: 'numeric(14,2)', not_null: true, tests: [ { between: [0, null] } ] }
  media_movel_7d: { type: 'numeric(14,2)', not_null: true, description: Average of this day and the six before }
dashboard: vendas
charts:
  - { kind: kpi, title: { pt-BR: Receita, en: Revenue }, value: receita, time: dia, format: currency, good: up, width: third }
  - { kind: kpi, title: { pt-BR: Pedidos, en: Orders }, value: pedidos, time: dia, format: integer, good: up, width: third }
  - { kind: kpi, title: { pt-BR: Ticket médio, en: Average order }, value: { field: receita, per: pedidos }, time: dia, format: currency, good: up, width: third }
  - title: { pt-BR: Receita ao longo do tempo, en: Revenue over time }
    description: { pt-BR: 'Por dia, e a média de sete dias', en: 'By day, and the average of seven days' }
    width: full
    layer:
      - { mark: { type: bar, opacity: 0.35 }, encoding: { x: { field: dia, type: temporal, title: null }, y: { field: receita, type: quantitative, format: currency, title: null } } }
      - { mark: line, encoding: { x: { field: dia, type: temporal }, y: { field: media_movel_7d, type: quantitative, format: currency } } }
---*/
with vendas as (
  select dia, count(*) as pedidos, sum(valor_total) as receita from {{ref "silver.vendas"}} as v group by dia
), calendario as (
  select generate_series((select min(dia) from vendas), (select max(dia) from vendas), interval '1 day')::date as dia
)
select
  calendario.dia,
  coalesce(vendas.pedidos, 0) as pedidos,
  coalesce(vendas.receita, 0) as receita,
  avg(coalesce(vendas.receita, 0)) over (order by calendario.dia rows between 6 preceding and current row) as media_movel_7d
from calendario
left join vendas on vendas.dia = calendario.dia

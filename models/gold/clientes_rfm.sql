/*---
description: >
  Customers who bought, by recency, frequency and monetary value: each in fifths (5 is best), and a segment made of them. Recency counts from the last
  day of the data, so that the same data gives the same result.
primary_key: id_cliente
foreign_keys: [ { columns: id_cliente, references: silver.clientes } ]
columns:
  id_cliente: { type: text }
  ultima_compra: { type: date, not_null: true }
  recencia_dias: { type: integer, not_null: true, tests: [ { between: [0, null] } ] }
  frequencia: { type: integer, not_null: true, check: frequencia > 0 }
  valor: { type: 'numeric(14,2)', not_null: true }
  nota_recencia: { type: smallint, not_null: true, tests: [ { between: [1, 5] } ] }
  nota_frequencia: { type: smallint, not_null: true, tests: [ { between: [1, 5] } ] }
  nota_valor: { type: smallint, not_null: true, tests: [ { between: [1, 5] } ] }
  segmento: { type: text, not_null: true, tests: [ { accepted_values: [campeões, fiéis, novos, em risco, perdidos, ocasionais] } ] }
  ativo: { type: boolean, not_null: true, description: Bought in the last days of the data; how many is the variable recencia_ativa }
indexes: [ segmento ]
dashboard: clientes
charts:
  - { kind: kpi, title: { pt-BR: Clientes que compraram, en: Customers who bought }, value: { aggregate: count }, format: integer, width: third }
  - { kind: kpi, title: { pt-BR: Clientes ativos, en: Active customers }, value: { aggregate: count }, where: ativo=is.true, format: integer, width: third }
  - { kind: kpi, title: { pt-BR: Valor por cliente, en: Value of a customer }, value: { field: valor, aggregate: avg }, format: currency, width: third }
  - title: { pt-BR: Clientes por segmento, en: Customers by segment }
    mark: bar
    encoding:
      y: { field: segmento, type: nominal, sort: '-x', title: null }
      x: { aggregate: count, title: null }
      color: { field: segmento, type: nominal, legend: null }
  - title: { pt-BR: Recência e valor, en: Recency and value }
    description: { pt-BR: 'Cada ponto é um cliente', en: 'Each point is a customer' }
    mark: { type: point, filled: true, opacity: 0.5, size: 18 }
    encoding:
      x: { field: recencia_dias, type: quantitative, title: { pt-BR: Dias desde a última compra, en: Days since the last order } }
      y: { field: valor, type: quantitative, scale: { type: log }, format: currency, title: null }
      color: { field: segmento, type: nominal, title: null }
---*/
with compras as (
  select
    id_cliente,
    max(dia) as ultima_compra,
    (select max(dia) from {{ref "silver.vendas"}} as todas) - max(dia) as recencia_dias,
    count(*) as frequencia,
    sum(valor_total) as valor
  from {{ref "silver.vendas"}} as vendas
  where id_cliente is not null
  group by id_cliente
), notas as (
  select
    *,
    ntile(5) over (order by recencia_dias desc, id_cliente) as nota_recencia,
    ntile(5) over (order by frequencia, valor, id_cliente) as nota_frequencia,
    ntile(5) over (order by valor, id_cliente) as nota_valor
  from compras
)
select
  *,
  case
    when nota_recencia >= 4 and nota_frequencia >= 4 then 'campeões'
    when nota_frequencia >= 4 and nota_recencia = 3 then 'fiéis'
    when nota_recencia >= 4 and nota_frequencia <= 2 then 'novos'
    when nota_recencia <= 2 and nota_frequencia >= 3 then 'em risco'
    when nota_recencia <= 2 then 'perdidos'
    else 'ocasionais'
  end as segmento,
  recencia_dias <= {{var "recencia_ativa"}} as ativo
from notas

/*---
description: Sales by city; orders without a known customer stand under "desconhecida"
primary_key: [estado, cidade]
columns:
  estado: { type: text }
  cidade: { type: text }
  clientes: { type: integer, not_null: true }
  pedidos: { type: integer, not_null: true }
  receita: { type: 'numeric(14,2)', not_null: true }
  ticket_medio: { type: 'numeric(14,2)', not_null: true }
dashboard: vendas
charts:
  - title: { pt-BR: Cidades que mais compram, en: Cities that buy most }
    order: 20
    height: 420
    sort: receita.desc
    limit: 15
    mark: bar
    encoding:
      y: { field: cidade, type: nominal, sort: '-x', title: null }
      x: { field: receita, type: quantitative, format: currency, title: null }
      tooltip: [ { field: cidade }, { field: estado }, { field: receita, format: currency }, { field: clientes, format: integer } ]
---*/
select
  coalesce(estado, '--') as estado,
  coalesce(cidade, 'desconhecida') as cidade,
  count(distinct id_cliente) as clientes,
  count(*) as pedidos,
  sum(valor_total) as receita,
  avg(valor_total) as ticket_medio
from {{ref "silver.vendas"}} as vendas
group by 1, 2

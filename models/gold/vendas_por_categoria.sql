/*---
description: Sales by month and category
primary_key: [mes, categoria]
columns:
  mes: { type: date }
  categoria: { type: text }
  pedidos: { type: integer, not_null: true }
  itens: { type: integer, not_null: true }
  receita: { type: 'numeric(14,2)', not_null: true }
  participacao_pct: { type: 'numeric(6,2)', not_null: true, description: Share of the month's revenue, tests: [ { between: [0, 100] } ] }
dashboard: vendas
charts:
  - title: { pt-BR: Receita por categoria, en: Revenue by category }
    order: 10
    height: 320
    mark: bar
    encoding:
      y: { field: categoria, type: nominal, sort: '-x', title: null }
      x: { field: receita, aggregate: sum, format: currency, title: null }
  - title: { pt-BR: Categorias mês a mês, en: Categories month by month }
    order: 11
    height: 320
    mark: area
    encoding:
      x: { field: mes, type: temporal, title: null }
      y: { field: receita, aggregate: sum, stack: zero, format: currency, title: null }
      color: { field: categoria, type: nominal, title: null }
---*/
select
  mes,
  categoria,
  count(*) as pedidos,
  sum(quantidade) as itens,
  sum(valor_total) as receita,
  100 * sum(valor_total) / sum(sum(valor_total)) over (partition by mes) as participacao_pct
from {{ref "silver.vendas"}} as vendas
group by mes, categoria

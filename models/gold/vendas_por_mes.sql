/*---
description: Sales by month, with the change against the month before
primary_key: mes
columns:
  mes: { type: date, description: First day of the month }
  pedidos: { type: integer, not_null: true, check: pedidos > 0 }
  clientes: { type: integer, not_null: true, description: Customers who bought }
  itens: { type: integer, not_null: true }
  receita: { type: 'numeric(14,2)', not_null: true, description: Revenue in reais }
  ticket_medio: { type: 'numeric(14,2)', not_null: true, description: Revenue per order }
  variacao_pct: { type: 'numeric(8,2)', description: Change of revenue against the month before in percent }
tests: [ { row_count: { equals: 36 } } ]
---*/
select
  mes,
  count(*) as pedidos,
  count(distinct id_cliente) as clientes,
  sum(quantidade) as itens,
  sum(valor_total) as receita,
  avg(valor_total) as ticket_medio,
  100 * (sum(valor_total) / lag(sum(valor_total)) over (order by mes) - 1) as variacao_pct
from {{ref "silver.vendas"}} as vendas
group by mes

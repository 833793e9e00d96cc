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

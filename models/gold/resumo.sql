/*---
description: The shop in one row, always in step with the other gold models because it is a view on them
materialized: view
columns:
  receita: { type: 'numeric(16,2)', not_null: true }
  pedidos: { type: bigint, not_null: true }
  ticket_medio: { type: 'numeric(14,2)' }
  clientes_compradores: { type: bigint, not_null: true }
  clientes_ativos: { type: bigint, not_null: true }
  melhor_mes: { type: date }
tests: [ { row_count: { equals: 1 } } ]
---*/
select
  (select sum(receita) from {{ref "gold.vendas_por_mes"}}) as receita,
  (select sum(pedidos) from {{ref "gold.vendas_por_mes"}}) as pedidos,
  (select sum(receita) / sum(pedidos) from {{ref "gold.vendas_por_mes"}}) as ticket_medio,
  (select count(*) from {{ref "gold.clientes_rfm"}}) as clientes_compradores,
  (select count(*) from {{ref "gold.clientes_rfm"}} where ativo) as clientes_ativos,
  (select mes from {{ref "gold.vendas_por_mes"}} order by receita desc limit 1) as melhor_mes

/*---
description: Orders that count as sales (neither cancelled nor returned), with product, category and place. Lives inside the gold models that read it.
materialized: ephemeral
---*/
select
  pedidos.id_pedido,
  pedidos.id_cliente,
  pedidos.id_produto,
  pedidos.quantidade,
  pedidos.valor_total,
  pedidos.data_pedido,
  pedidos.data_pedido::date as dia,
  date_trunc('month', pedidos.data_pedido)::date as mes,
  pedidos.forma_pagamento,
  produtos.nome_produto,
  produtos.categoria,
  clientes.cidade,
  clientes.estado
from {{ref "silver.pedidos"}} as pedidos
join {{ref "silver.produtos"}} as produtos on produtos.id_produto = pedidos.id_produto
left join {{ref "silver.clientes"}} as clientes on clientes.id_cliente = pedidos.id_cliente
where pedidos.status not in ('cancelado', 'devolvido')

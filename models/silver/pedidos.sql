/*---
description: >
  Orders, cleaned and typed, one row for each id. Dropped: orders without a positive quantity and orders whose day does not exist; both are errors of the shop's form.
  Kept with id_cliente null: orders of customers that the shop has deleted. A missing valor_total is quantidade * preco_unitario.
primary_key: id_pedido
foreign_keys:
  - { columns: id_cliente, references: silver.clientes }
  - { columns: id_produto, references: silver.produtos }
columns:
  id_pedido: { type: text }
  id_cliente: { type: text, description: Null when the customer is not known any more, tests: [ { not_null: true, severity: warn, name: orders without a customer, error_if: '>1000' } ] }
  id_produto: { type: text, not_null: true }
  quantidade: { type: integer, not_null: true, tests: [ { between: [1, 5] } ] }
  preco_unitario: { type: 'numeric(12,2)', not_null: true, check: preco_unitario > 0, description: Price paid for a piece in reais }
  valor_total: { type: 'numeric(14,2)', not_null: true, description: In reais }
  status:
    type: text
    not_null: true
    tests: [ { accepted_values: [entregue, enviado, processando, cancelado, devolvido] } ]
  data_pedido: { type: timestamp, not_null: true, tests: [ { between: ['2023-01-01', null] } ] }
  forma_pagamento: { type: text, not_null: true, tests: [ { accepted_values: [pix, cartão de crédito, débito, boleto, não informada] } ] }
  data_ingestao: { type: timestamptz, default: now(), not_null: true }
tests:
  - { expression: 'abs(valor_total - quantidade * preco_unitario) < 0.01', name: the total is quantity times price }
indexes: [ data_pedido, id_cliente, id_produto ]
---*/
with limpos as (
  select
    trim(id_pedido) as id_pedido,
    {{clean_text "id_cliente"}} as id_cliente,
    trim(id_produto) as id_produto,
    {{to_int "quantidade"}} as quantidade,
    {{> decimal_br column="preco_unitario"}} as preco_unitario,
    {{> decimal_br column="valor_total"}} as valor_total,
    lower(trim(status)) as status,
    {{to_timestamp_br "data_pedido"}} as data_pedido,
    lower(trim(forma_pagamento)) as forma_pagamento
  from {{ref "bronze.pedidos"}}
)
select
  limpos.id_pedido,
  clientes.id_cliente,
  limpos.id_produto,
  limpos.quantidade,
  limpos.preco_unitario,
  coalesce(limpos.valor_total, limpos.quantidade * limpos.preco_unitario) as valor_total,
  case
    when limpos.status like 'entreg%' then 'entregue'
    when limpos.status like 'envi%' then 'enviado'
    when limpos.status like '%process%' then 'processando'
    when limpos.status like 'cancel%' then 'cancelado'
    when limpos.status like 'devolv%' then 'devolvido'
  end as status,
  limpos.data_pedido,
  case
    when limpos.forma_pagamento like 'cart%' then 'cartão de crédito'
    else coalesce(limpos.forma_pagamento, 'não informada')
  end as forma_pagamento
from limpos
left join {{ref "silver.clientes"}} as clientes on clientes.id_cliente = limpos.id_cliente
where limpos.quantidade > 0 and limpos.data_pedido is not null

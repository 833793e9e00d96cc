/*---
description: Products, cleaned and typed. Nothing is dropped; a stock that is no number, or below zero, becomes null.
primary_key: id_produto
columns:
  id_produto: { type: text }
  nome_produto: { type: text, not_null: true, tests: [ sem_espacos ] }
  categoria:
    type: text
    not_null: true
    tests: [ { accepted_values: [Eletrônicos, Casa e Cozinha, Moda, Beleza, Esportes, Livros, Brinquedos, Alimentos] } ]
  preco: { type: 'numeric(12,2)', not_null: true, check: preco > 0, description: List price in reais }
  estoque: { type: integer, tests: [ { between: [0, null] } ], description: Pieces in stock; null where the shop does not know }
  data_ingestao: { type: timestamptz, default: now(), not_null: true }
---*/
select
  trim(id_produto) as id_produto,
  {{clean_text "nome_produto"}} as nome_produto,
  {{proper_name "categoria"}} as categoria,
  {{> decimal_br column="preco"}} as preco,
  case when {{to_int "estoque"}} >= 0 then {{to_int "estoque"}} end as estoque
from {{ref "bronze.produtos"}}

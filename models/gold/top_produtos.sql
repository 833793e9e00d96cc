/*---
description: Products by revenue, with their share and the running share of all revenue (the long tail)
primary_key: id_produto
columns:
  posicao: { type: integer, not_null: true, unique: true }
  id_produto: { type: text }
  nome_produto: { type: text, not_null: true }
  categoria: { type: text, not_null: true }
  itens: { type: integer, not_null: true }
  receita: { type: 'numeric(14,2)', not_null: true }
  participacao_pct: { type: 'numeric(6,2)', not_null: true }
  acumulado_pct: { type: 'numeric(6,2)', not_null: true, tests: [ { between: [0, 100] } ] }
foreign_keys: [ { columns: id_produto, references: silver.produtos } ]
dashboard: vendas
charts:
  - kind: table
    title: { pt-BR: Produtos que mais vendem, en: Best-selling products }
    order: 21
    columns: [posicao, nome_produto, categoria, itens, receita]
    formats: { receita: currency }
    sort: posicao
    limit: 12
---*/
with por_produto as (
  select id_produto, min(nome_produto) as nome_produto, min(categoria) as categoria, sum(quantidade) as itens, sum(valor_total) as receita
  from {{ref "silver.vendas"}} as vendas
  group by id_produto
)
select
  row_number() over (order by receita desc, id_produto) as posicao,
  id_produto,
  nome_produto,
  categoria,
  itens,
  receita,
  100 * receita / sum(receita) over () as participacao_pct,
  100 * sum(receita) over (order by receita desc, id_produto) / sum(receita) over () as acumulado_pct
from por_produto

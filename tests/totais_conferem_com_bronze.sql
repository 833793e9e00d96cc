/*---
description: Gold's revenue is what plain SQL makes of bronze, without any macro or silver model
---*/
with numeros as (
  select
    regexp_replace(quantidade, '[^0-9-]', '', 'g') as quantidade,
    translate(preco_unitario, 'R$ ', '') as preco,
    translate(valor_total, 'R$ ', '') as total,
    status,
    data_pedido
  from {{ref "bronze.pedidos"}}
), vendas as (
  select
    case
      when total is null then quantidade::int * case when position(',' in preco) > 0 then replace(replace(preco, '.', ''), ',', '.') else preco end::numeric
      else case when position(',' in total) > 0 then replace(replace(total, '.', ''), ',', '.') else total end::numeric
    end as valor
  from numeros
  where quantidade not in ('', '0', '-1')
    and data_pedido not like '31/02/%'
    and lower(trim(status)) not in ('cancelado', 'cancelada', 'devolvido')
)
select bronze.receita as receita_bronze, gold.receita as receita_gold, bronze.pedidos as pedidos_bronze, gold.pedidos as pedidos_gold
from (select sum(valor) as receita, count(*) as pedidos from vendas) as bronze
cross join (select sum(receita) as receita, sum(pedidos) as pedidos from {{ref "gold.vendas_por_mes"}}) as gold
where bronze.receita is distinct from gold.receita or bronze.pedidos is distinct from gold.pedidos

/*---
description: The categories of a month add up to its revenue, cities and products to all of it
---*/
select 'categorias' as lado, mes::text as onde, meses.receita, sum(categorias.receita) as soma
from {{ref "gold.vendas_por_mes"}} as meses
join {{ref "gold.vendas_por_categoria"}} as categorias using (mes)
group by mes, meses.receita
having meses.receita <> sum(categorias.receita)
union all
select 'cidades e produtos', 'tudo', cidades.receita, produtos.receita
from (select sum(receita) as receita from {{ref "gold.vendas_por_cidade"}}) as cidades
cross join (select sum(receita) as receita from {{ref "gold.top_produtos"}}) as produtos
where cidades.receita <> produtos.receita

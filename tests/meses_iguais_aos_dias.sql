/*---
description: Each month's revenue is the sum of its days
---*/
select mes, meses.receita as receita_mes, dias.receita as receita_dias
from {{ref "gold.vendas_por_mes"}} as meses
full join (
  select date_trunc('month', dia)::date as mes, sum(receita) as receita from {{ref "gold.receita_diaria"}} group by 1
) as dias using (mes)
where meses.receita is distinct from dias.receita

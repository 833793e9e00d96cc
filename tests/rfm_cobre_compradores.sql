/*---
description: Every customer with a sale is in the RFM segments, and nobody else
---*/
select id_cliente, rfm.id_cliente is null as falta, compradores.id_cliente is null as sobra
from {{ref "gold.clientes_rfm"}} as rfm
full join (
  select distinct id_cliente from {{ref "silver.pedidos"}} where status not in ('cancelado', 'devolvido') and id_cliente is not null
) as compradores using (id_cliente)
where rfm.id_cliente is null or compradores.id_cliente is null

/*---
description: Average and median order value by month and form of payment
primary_key: [mes, forma_pagamento]
columns:
  mes: { type: date }
  forma_pagamento: { type: text }
  pedidos: { type: integer, not_null: true }
  ticket_medio: { type: 'numeric(14,2)', not_null: true, tests: [ { expression: 'ticket_medio > 0' } ] }
  ticket_mediano: { type: 'numeric(14,2)', not_null: true }
---*/
select
  mes,
  forma_pagamento,
  count(*) as pedidos,
  avg(valor_total) as ticket_medio,
  percentile_cont(0.5) within group (order by valor_total) as ticket_mediano
from {{ref "silver.vendas"}} as vendas
group by mes, forma_pagamento

/*---
description: Orders, typed; orders of unknown customers keep a null customer
primary_key: order_id
foreign_keys: [ { columns: customer_id, references: silver.customers } ]
columns:
  order_id: { type: integer }
  customer_id: { type: text }
  ordered_on: { type: date, not_null: true }
  amount: { type: 'numeric(12,2)', not_null: true, check: amount > 0 }
---*/
select
  orders.order_id,
  customers.id as customer_id,
  case when ordered_on like '__/__/____' then to_date(ordered_on, 'DD/MM/YYYY') else to_date(ordered_on, 'YYYY-MM-DD') end as ordered_on,
  {{> decimal column="amount"}} as amount
from {{ref "bronze.orders"}} as orders
left join {{ref "silver.customers"}} as customers on customers.id = orders.customer_id

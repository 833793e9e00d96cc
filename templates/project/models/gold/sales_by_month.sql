/*---
description: Orders and revenue by month
primary_key: month
columns:
  month: { type: date }
  orders: { type: integer, not_null: true }
  revenue: { type: 'numeric(14,2)', not_null: true, tests: [ { expression: revenue > 0 } ] }
---*/
select date_trunc('month', ordered_on)::date as month, count(*) as orders, sum(amount) as revenue
from {{ref "silver.orders"}}
group by 1

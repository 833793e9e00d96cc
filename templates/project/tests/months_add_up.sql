/*---
description: The months add up to all orders
---*/
select months.revenue as by_month, orders.revenue as by_order
from (select sum(revenue) as revenue from {{ref "gold.sales_by_month"}}) as months
cross join (select sum(amount) as revenue from {{ref "silver.orders"}}) as orders
where months.revenue is distinct from orders.revenue

/*---
description: Strikes by month, and by phase of flight within it
primary_key: [month, phase]
columns:
  month: { type: date }
  phase: { type: text }
  strikes: { type: integer, not_null: true }
  at_night: { type: integer, not_null: true }
  median_speed: { type: integer }
---*/
select
  date_trunc('month', flight_date)::date as month,
  phase,
  count(*) as strikes,
  count(*) filter (where time_of_day = 'Night') as at_night,
  percentile_disc(0.5) within group (order by speed_knots) as median_speed
from {{ref "silver.strikes"}}
group by 1, 2

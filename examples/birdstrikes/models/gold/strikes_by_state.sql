/*---
description: Strikes and their cost by state, beside its airports and ZIP codes
primary_key: state
columns:
  state: { type: text }
  code: { type: text, not_null: true }
  strikes: { type: integer, not_null: true, check: strikes > 0 }
  damaged_pct: { type: 'numeric(5,2)', not_null: true, tests: [ { between: [0, 100] } ] }
  cost_total: { type: bigint, not_null: true }
  airports: { type: integer, not_null: true }
  zip_codes: { type: integer, not_null: true }
---*/
with airports as (
  select state as code, count(*) as airports from {{ref "silver.airports"}} group by state
), zips as (
  select state as code, count(*) as zip_codes from {{ref "silver.zip_codes"}} group by state
)
select
  states.state,
  states.code,
  count(*) as strikes,
  100.0 * count(*) filter (where strikes.is_damaged) / count(*) as damaged_pct,
  sum(strikes.cost_total) as cost_total,
  coalesce(max(airports.airports), 0) as airports,
  coalesce(max(zips.zip_codes), 0) as zip_codes
from {{ref "silver.strikes"}} as strikes
join {{ref "silver.states"}} as states using (state)
left join airports using (code)
left join zips using (code)
group by states.state, states.code

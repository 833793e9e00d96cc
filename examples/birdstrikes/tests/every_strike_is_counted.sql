/*---
description: States, species and months count the same strikes as bronze has rows
---*/
with counted as (
  select 'state' as side, sum(strikes) as strikes from {{ref "gold.strikes_by_state"}}
  union all
  select 'species', sum(strikes) from {{ref "gold.strikes_by_species"}}
  union all
  select 'month', sum(strikes) from {{ref "gold.strikes_by_month"}}
)
select * from counted where strikes <> (select count(*) from {{ref "bronze.birdstrikes"}})

/*---
description: Wildlife strikes, typed. The source has no key, so strikes are numbered by their whole content; equal reports keep numbers of their own.
primary_key: strike_id
columns:
  strike_id: { type: integer }
  flight_date: { type: date, not_null: true, tests: [ { between: ['1990-01-01', '2003-12-31'] } ] }
  airport: { type: text, not_null: true }
  state: { type: text, not_null: true, tests: [ { relationships: silver.states.state } ] }
  aircraft: { type: text, not_null: true }
  operator: { type: text, not_null: true }
  phase: { type: text, not_null: true, tests: [ { accepted_values: [Approach, Climb, Take-off run, Landing Roll, Descent, Taxi, Parked] } ] }
  species: { type: text, not_null: true }
  wildlife_size: { type: text, not_null: true, tests: [ { accepted_values: [Small, Medium, Large] } ] }
  time_of_day: { type: text, not_null: true, tests: [ { accepted_values: [Dawn, Day, Dusk, Night] } ] }
  damage: { type: text, not_null: true }
  is_damaged: { type: boolean, not_null: true }
  cost_repair: { type: integer, not_null: true, check: cost_repair >= 0 }
  cost_other: { type: integer, not_null: true, check: cost_other >= 0 }
  cost_total: { type: integer, not_null: true }
  speed_knots: { type: integer, tests: [ { not_null: true, severity: warn, name: strikes without a speed } ] }
tests:
  - { row_count: { equals: 10000 } }
  - { expression: cost_total = cost_repair + cost_other, severity: warn, name: the total is the sum of its parts }
foreign_keys: [ { columns: state, references: silver.states } ]
---*/
select
  row_number() over (order by "Flight Date", "Airport Name", "Aircraft Make Model", "Wildlife Species", b::text) as strike_id,
  "Flight Date"::date as flight_date,
  "Airport Name" as airport,
  "Origin State" as state,
  "Aircraft Make Model" as aircraft,
  rtrim("Aircraft Airline Operator", '*') as operator,
  "Phase of flight" as phase,
  "Wildlife Species" as species,
  "Wildlife Size" as wildlife_size,
  "Time of day" as time_of_day,
  "Effect Amount of damage" as damage,
  "Effect Amount of damage" <> 'None' as is_damaged,
  {{> whole_number column='"Cost Repair"'}} as cost_repair,
  {{> whole_number column='"Cost Other"'}} as cost_other,
  {{> whole_number column='"Cost Total $"'}} as cost_total,
  {{> whole_number column='"Speed IAS in knots"'}} as speed_knots
from {{ref "bronze.birdstrikes"}} as b

/*---
description: Airports of the United States
primary_key: iata
columns:
  iata: { type: text }
  name: { type: text, not_null: true }
  city: { type: text }
  state: { type: text, description: Two-letter code }
  latitude: { type: double precision, not_null: true, tests: [ { between: [-90, 90] } ] }
  longitude: { type: double precision, not_null: true, tests: [ { between: [-180, 180] } ] }
---*/
select iata, name, nullif(city, 'NA') as city, nullif(state, 'NA') as state, latitude, longitude
from {{ref "bronze.airports"}}
where country = 'USA'

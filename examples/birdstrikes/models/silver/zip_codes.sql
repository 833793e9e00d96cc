/*---
materialized: view
description: ZIP codes, always as bronze has them
primary_key: zip_code
columns:
  zip_code: { type: text, tests: [ { matches: '^[0-9]{5}$' } ] }
  city: { type: text, not_null: true }
  state: { type: text, not_null: true }
  county: { type: text }
---*/
select zip_code, city, state, county from {{ref "bronze.zipcodes"}}

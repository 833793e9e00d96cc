/*---
description: Customers, cleaned and typed
primary_key: id
columns:
  id: { type: text }
  name: { type: text, not_null: true }
  email: { type: text, description: Null when it cannot be an address, tests: [ { not_null: true, severity: warn, name: customers without an e-mail } ] }
  age: { type: integer, tests: [ { between: [0, 120] } ] }
  loaded_at: { type: timestamptz, default: now() }
---*/
select
  id,
  trim(name) as name,
  case when email ~ '^[^@ ]+@[^@ ]+[.][^@ ]+$' then lower(email) end as email,
  {{to_int "age"}} as age
from {{ref "bronze.customers"}}

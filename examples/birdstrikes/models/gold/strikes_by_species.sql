/*---
description: Which animals are struck, how large they are, how often they do damage
primary_key: [species, wildlife_size]
columns:
  species: { type: text }
  wildlife_size: { type: text }
  strikes: { type: integer, not_null: true }
  damaged: { type: integer, not_null: true }
  cost_total: { type: bigint, not_null: true }
---*/
select species, wildlife_size, count(*) as strikes, count(*) filter (where is_damaged) as damaged, sum(cost_total) as cost_total
from {{ref "silver.strikes"}}
group by species, wildlife_size

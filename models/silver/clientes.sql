/*---
description: >
  Customers, cleaned and typed, one row for each id. The export repeats customers whose data changed: the record with the latest
  data_cadastro is kept. E-mails, phones and ages that cannot be real become null; no customer is dropped for them.
primary_key: id_cliente
columns:
  id_cliente: { type: text, description: The shop's id, tests: [ { matches: '^C[0-9]{5}$' } ] }
  nome: { type: text, not_null: true, description: Full name with Portuguese capitals, tests: [ sem_espacos ] }
  email: { type: text, description: In lower case; null when the export has none that works, tests: [ { matches: '^[^@ ]+@[^@ ]+$' }, { not_null: true, severity: warn, name: customers without an e-mail } ] }
  telefone: { type: text, description: 'Mobile number as E.164', tests: [ { matches: '^\+55[1-9][0-9]9[0-9]{8}$' } ] }
  cidade: { type: text, not_null: true, tests: [ sem_espacos ] }
  estado: { type: text, not_null: true, description: Two letters, tests: [ { matches: '^[A-Z]{2}$' } ] }
  idade: { type: integer, description: Years; null when the export says nothing that makes sense, tests: [ { between: [16, 110] }, { not_null: true, severity: warn, name: customers without an age } ] }
  data_cadastro: { type: date, description: Day of registration, tests: [ { between: ['2023-01-01', null] } ] }
  data_ingestao: { type: timestamptz, default: now(), not_null: true, description: When this row was built }
indexes: [ cidade ]
---*/
with limpos as (
  select
    trim(id_cliente) as id_cliente,
    {{proper_name "nome"}} as nome,
    {{clean_email "email"}} as email,
    {{phone_br "telefone"}} as telefone,
    {{proper_name "cidade"}} as cidade,
    upper(trim(estado)) as estado,
    {{to_int "idade"}} as idade,
    {{to_timestamp_br "data_cadastro"}} as data_cadastro
  from {{ref "bronze.clientes"}}
), ordenados as (
  select
    *,
    row_number() over (partition by id_cliente order by data_cadastro desc nulls last, email nulls last, telefone nulls last, nome) as versao
  from limpos
)
select
  id_cliente,
  nome,
  email,
  telefone,
  cidade,
  estado,
  case when idade between 16 and 110 then idade end as idade,
  data_cadastro
from ordenados
where versao = 1

/*---
description: The states that strikes name, with the code that airports and ZIP codes use
primary_key: state
columns:
  state: { type: text }
  code: { type: text, not_null: true, unique: true, tests: [ { matches: '^[A-Z]{2}$' } ] }
---*/
select * from (
  values
    {{#each (var "states")}}('{{name}}', '{{code}}'){{#unless @last}}, {{/unless}}{{/each}}
) as listed (state, code)

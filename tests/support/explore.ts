const long = 'Um texto que não cabe em uma linha da tabela, e que por isso tem de poder ser visto inteiro. ';

/** A project whose gold has every kind of column, foreign keys, and a relation of 100,000 rows. */
export function exploreFiles(config = 'aggregates: true'): Readonly<Record<string, string>> {
  return {
    'medallion.config.ts': `import { csv, defineConfig } from 'medallion';
export default defineConfig({ name: 'loja', database: process.env.DATABASE_URL, grants: { gold: { select: ['anon'] }, silver: { select: ['anon'] } },
  sources: { loja: csv({ dir: 'seeds' }) }, layers: { silver: { materialized: 'table' }, gold: { materialized: 'table' } },
  serve: { schemas: ['gold', 'silver'], ${config} } });`,
    'seeds/clientes.csv': 'id,nome\n1,Ana\n2,Bia\n3,"Conceição, ""Ção"""\n',
    'models/silver/clientes.sql': `/*---
description: Clientes da loja
primary_key: id
columns: { id: { type: integer }, nome: { type: text, not_null: true } }
---*/
select id::int as id, nome from {{ref "bronze.clientes"}}`,
    'models/gold/pedidos.sql': `/*---
description: Pedidos com valor, cliente e estado
primary_key: id
foreign_keys: [ { columns: cliente_id, references: silver.clientes } ]
columns:
  id: { type: integer }
  cliente_id: { type: integer, description: Quem comprou }
  estado: { type: text, tests: [ { accepted_values: [aberto, pago, cancelado] } ] }
  valor: { type: 'numeric(14,2)' }
  dia: { type: date }
  feito_em: { type: timestamptz }
  entregue: { type: boolean }
  nota: { type: text }
  dados: { type: jsonb }
  etiquetas: { type: 'text[]' }
  maior: { type: numeric }
---*/
select g as id, case when g % 10 = 0 then null else g % 3 + 1 end as cliente_id,
  (array['aberto','pago','cancelado'])[g % 3 + 1] as estado, (g * 7919 % 500000) / 100.0 as valor,
  date '2024-01-01' + g % 60 as dia, timestamptz '2024-01-01 02:00:00+00' + g * interval '5 hours' as feito_em,
  case g % 3 when 0 then true when 1 then false end as entregue,
  case g % 4 when 0 then null when 1 then '' when 2 then '${long.repeat(3)}' || g else '100% * ' || g || ' _x' end as nota,
  jsonb_build_object('n', g, 'itens', jsonb_build_array(1, 2, g)) as dados, array['a', 'b,c'] as etiquetas,
  12345678901234567890.123456789 + g as maior
from generate_series(1, 240) g`,
    'models/gold/estranha.sql': `/*---
description: Nomes de colunas que ninguém espera
---*/
select * from (values (1, 'x', 7, 'q', 'á'), (2, 'y, z', 8, 'r', 'é')) as v (id, "nome, cognome", "select", "A""b", "ação")`,
    'models/gold/grande.sql': `/*---
description: Cem mil linhas
primary_key: n
columns: { n: { type: integer }, texto: { type: text }, valor: { type: 'numeric(12,2)' } }
---*/
select g as n, 'linha ' || g as texto, (g * 31 % 1000) / 10.0 as valor from generate_series(1, 100000) g`,
  };
}

// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { loaded } from '../support/load.ts';
import { loadsExactly, type Supabase, withSupabase } from '../support/supabase.ts';

const test = suite('supabase: what is refused');

const sql = `
  create table pedidos (id_pedido int primary key, v text);
  insert into pedidos select i, 'v' || i from generate_series(1, 25) i;
  create table avulsos (a int, b text);
  insert into avulsos select i, 'v' || i % 20 from generate_series(1, 30) i`;

async function fails(supabase: Supabase, code: string, ...patterns: (RegExp | string)[]): Promise<void> {
  const { status, error } = await loaded(supabase.project);
  assert.is(status, 'failed');
  assert.is(error.code, code, JSON.stringify(error));
  for (const pattern of patterns) assert.match(`${error.message}\n${error.hint}`, pattern);
}

test('a wrong key, an expired one, and a role without the right', () =>
  withSupabase({ sql, bronze: `from: 'api.pedidos'` }, async (supabase) => {
    const { project, server, configure } = supabase;
    const key = server.keys.service.replace(/.{20}$/, 'x'.repeat(20));
    configure(`from: 'api.pedidos'`, `key: '${key}'`);
    await fails(supabase, 'MDL3021', 'Invalid API key', 'Settings > API keys');
    const { stdout, stderr } = await project.mdl('load');
    assert.not.match(stdout + stderr, key);
    const history = JSON.stringify(await project.sql`select * from medallion.runs, medallion.loads`);
    assert.not.match(history, key);

    configure(`from: 'api.pedidos'`, `key: '${server.key({ role: 'service_role', exp: 1_000_000_000 })}'`);
    await fails(supabase, 'MDL3021', 'JWT expired', 'The key has expired');

    await project.sql`revoke select on pedidos from anon`;
    configure(`from: 'api.pedidos'`, `key: keys.anon, tables: { pedidos: { key: 'id_pedido' } }`);
    await fails(supabase, 'MDL3021', /permission denied for table pedidos/, /role \(anon\) may not read it/);
  }));

test('a schema that is not exposed, a table that is not there', () =>
  withSupabase({ sql, bronze: `from: 'api.pedidos'` }, async (supabase) => {
    supabase.configure(`from: 'api.pedidos'`, `schema: 'vendas'`);
    await fails(supabase, 'MDL3021', 'Invalid schema: vendas', 'Settings > API > Exposed schemas');
    supabase.configure(`from: 'api.pedido'`);
    await fails(supabase, 'MDL3001', 'There is no table "pedido"', 'Did you mean pedidos?');
    supabase.configure(`from: 'api.pedido'`, `key: keys.anon`);
    await fails(supabase, 'MDL3001', `Could not find the table 'public.pedido'`, 'Perhaps you meant');
  }));

test('without the description at the root, the options say what the key is', () =>
  withSupabase({ sql, bronze: `from: 'api.pedidos'`, maxRows: 10 }, async (supabase) => {
    supabase.configure(`from: 'api.pedidos'`, `key: keys.anon`);
    await fails(supabase, 'MDL3023', 'Access to schema is forbidden', `tables: { "pedidos": { key: 'id' } }`);
    supabase.configure(`from: 'api.pedidos'`, `key: keys.anon, tables: { pedidos: { key: 'id_pedido' } }`);
    await loadsExactly(supabase, 'pedidos', ['id_pedido', 'v']);
    supabase.configure(`from: 'api.pedidos'`, `key: keys.anon, tables: { pedidos: { key: 'id_pedid' } }`);
    await fails(supabase, 'MDL3005', 'key column "id_pedid"', 'Did you mean id_pedido');
    supabase.configure(
      `from: 'api.pedidos'`,
      `key: keys.secret, tables: { pedidos: { columns: ['id_pedido'] } }`,
    );
    const { notices } = await loaded(supabase.project);
    assert.match(notices.join(), 'no longer has "v"');
  }));

test('a table without a key, a key that repeats, a key that is null', () =>
  withSupabase({ sql, bronze: `from: 'api.avulsos'`, maxRows: 10 }, async (supabase) => {
    await fails(supabase, 'MDL3023', 'has no primary key', 'unique and never null');
    supabase.configure(`from: 'api.avulsos'`, `tables: { avulsos: { key: 'a' } }`);
    await loadsExactly(supabase, 'avulsos', ['a', 'b']);
    supabase.configure(`from: 'api.avulsos'`, `tables: { avulsos: { key: ['b', 'a'] } }`);
    await loadsExactly(supabase, 'avulsos', ['a', 'b']);
    supabase.configure(`from: 'api.avulsos'`, `tables: { avulsos: { key: 'b' } }`);
    await fails(supabase, 'MDL3023', 'several rows with b = v', 'unique together');
    await supabase.project.sql`update avulsos set a = null where a = 30`;
    supabase.configure(`from: 'api.avulsos'`, `tables: { avulsos: { key: 'a' } }`);
    await fails(supabase, 'MDL3023', 'its key (a) is null');
  }));

test('two rows of one key are found even where a page ends between them', () =>
  withSupabase(
    {
      sql: `create table d (k int, v int); insert into d select least(i, 10) + greatest(i - 11, 0), i from generate_series(1, 25) i`,
      bronze: `from: 'api.d'`,
      source: `tables: { d: { key: 'k' } }`,
      maxRows: 10,
    },
    (supabase) => fails(supabase, 'MDL3023', 'several rows with k = 10'),
  ));

test('no good answer for too long: the last one is named', () =>
  withSupabase(
    {
      sql,
      bronze: `from: 'api.pedidos'`,
      source: 'giveUpAfter: 1',
      misbehave: ({ table }) => (table ? { kind: 'status', status: 503 } : undefined),
    },
    async (supabase) => {
      await fails(supabase, 'MDL3022', /pedidos: the first row got no good answer in \d+ attempts.*503/);
      supabase.configure(`from: 'api.pedidos'`, `url: 'http://127.0.0.1:61999', giveUpAfter: 0`);
      await fails(supabase, 'MDL3022', 'the list of tables got no good answer in 1 attempt', 'ECONNREFUSED');
    },
  ));

test('options that cannot be right', () =>
  withSupabase({ sql, bronze: `from: 'api.pedidos'` }, async ({ project, configure }) => {
    for (const [options, message] of [
      ['tabels: {}', /there is no setting "tabels"/],
      ['pageRows: 0', /pageRows must be a number from 1/],
    ] as const) {
      configure(`from: 'api.pedidos'`, options);
      const { code, stderr } = await project.mdl('load');
      assert.is(code, 2);
      assert.match(stderr, 'MDL1003');
      assert.match(stderr, message);
    }
    for (const [options, message] of [
      ['url: undefined', 'url is empty'],
      ['url: "loja"', 'url must be an address'],
      ['key: "ção"', 'key holds characters'],
    ] as const) {
      configure(`from: 'api.pedidos'`, options);
      const { stdout } = await project.mdl('load');
      assert.match(stdout, 'MDL1003');
      assert.match(stdout, message);
    }
  }));

test.run();

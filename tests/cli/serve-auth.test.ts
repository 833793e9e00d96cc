// in one process
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from '@supabase/supabase-js';
import { type CryptoKey, exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import ws from 'ws';
import { type Api, config, withApi } from '../support/api.ts';
import { type TestProject, withProject } from '../support/project.ts';
import { createRoles, supabaseRoles } from '../support/roles.ts';
import { until } from '../support/wait.ts';

const test = suite('serve, who asks');
const secret = 'a secret of thirty-two bytes or more!';
const soon = () => Math.floor(Date.now() / 1000) + 60;

/** Public notes for everyone, each one's own for who is signed in, and what only staff may see. */
const notes = `
  create schema api;
  create table api.notes (id int primary key, owner text, text text);
  insert into api.notes values (1, null, 'for all'), (2, 'ana', 'of Ana'), (3, 'bo', 'of Bo');
  alter table api.notes enable row level security;
  create policy everyone on api.notes for select using (owner is null);
  create policy own on api.notes for select to authenticated using (owner = current_setting('request.jwt.claims', true)::json ->> 'sub');
  create view api.me as select current_user::text as role, current_setting('request.jwt.claims', true)::json as claims;
  create table api.wages (id int primary key);
  grant usage on schema api to anon, authenticated, service_role; grant select on api.notes, api.me to anon, authenticated, service_role;
  grant select on api.wages to authenticated`;

function withNotes(auth: string, work: (api: Api, project: TestProject) => Promise<void>): Promise<void> {
  return withProject(
    { 'medallion.config.ts': config(`{ schemas: ['api'], connections: 3, auth: ${auth} }`) },
    async (project) => {
      await createRoles(project.sql, ...supabaseRoles);
      await project.sql.unsafe(notes);
      await withApi(project, (api) => work(api, project));
    },
  );
}

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const sign = (claims: JWTPayload, key: string | CryptoKey = secret, alg = 'HS256', kid?: string) =>
  new SignJWT(claims)
    .setProtectedHeader({ alg, ...(kid !== undefined && { kid }) })
    .sign(typeof key === 'string' ? Buffer.from(key) : key);
const ids = async (api: Api, token?: string) => {
  const { json, text } = await api.get('/notes?select=id&order=id', token === undefined ? {} : bearer(token));
  assert.ok(Array.isArray(json), text);
  return json.map(({ id }: { id: number }) => id);
};

test('a token decides the role and what policies know; without one the role of the API reads', () =>
  withNotes(`{ jwt: { secret: '${secret}' } }`, async (api) => {
    assert.equal(await ids(api), [1]);
    const ana = await sign({ role: 'authenticated', sub: 'ana', exp: soon() });
    const bo = await sign({ role: 'authenticated', sub: 'bo', exp: soon() });
    assert.equal(await ids(api, ana), [1, 2]);
    assert.equal(await ids(api, bo), [1, 3]);
    assert.equal(await ids(api, await sign({ role: 'service_role' })), [1, 2, 3]);
    assert.equal(await ids(api, await sign({ sub: 'ana' })), [1], 'no role: that of the API');
    const me = async (token?: string) => (await api.get('/me', token ? bearer(token) : {})).json[0];
    assert.equal(await me(), { role: 'anon', claims: { role: 'anon' } });
    assert.equal((await me(ana)).claims.sub, 'ana');
    assert.is((await me(ana)).role, 'authenticated');
    // Many at once, through three connections: nobody reads as someone else.
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) => ids(api, [ana, bo, undefined][i % 3])),
    );
    assert.equal(
      answers,
      answers.map((_, i) => [[1, 2], [1, 3], [1]][i % 3]),
    );
    const client = createClient<any, 'api', 'api'>(api.url, ana, {
      db: { schema: 'api' },
      realtime: { transport: ws as never },
    });
    const { data } = await client.from('notes').select('text').eq('owner', 'ana').single();
    assert.equal(data, { text: 'of Ana' });
    assert.is((await client.from('notes').select('*', { count: 'planned', head: true })).status < 300, true);
  }));

test('tokens that are not good are refused, and the answer says why', () =>
  withNotes(`{ jwt: { secret: '${secret}', audience: ['api', 'web'], issuer: 'us' } }`, async (api) => {
    const good = { role: 'authenticated', sub: 'ana', aud: 'web', iss: 'us' };
    const now = soon() - 60;
    assert.is((await api.get('/notes', bearer(await sign(good)))).status, 200);
    // Within 30 seconds clocks may differ.
    assert.is((await api.get('/notes', bearer(await sign({ ...good, exp: now - 20 })))).status, 200);
    const [head, , signature] = (await sign(good)).split('.');
    const forged = Buffer.from(JSON.stringify({ ...good, role: 'service_role' })).toString('base64url');
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${forged}.`;
    for (const [token, code, message] of [
      [await sign({ ...good, exp: now - 60 }), 'PGRST303', 'JWT expired'],
      [await sign({ ...good, nbf: now + 60 }), 'PGRST303', 'JWT not yet valid'],
      [await sign({ ...good, iat: now + 60 }), 'PGRST303', 'JWT issued at future'],
      [await sign({ ...good, aud: 'else' }), 'PGRST303', 'JWT not in audience'],
      [await sign({ ...good, aud: undefined } as never), 'PGRST303', 'JWT not in audience'],
      [await sign({ ...good, iss: 'them' }), 'PGRST303', 'JWT not of the issuer'],
      [await sign({ ...good, role: 7 }), 'PGRST303', 'The claim role must be a string'],
      [
        await sign(good, 'another secret of thirty-two bytes'),
        'PGRST301',
        'JWT cryptographic operation failed',
      ],
      [`${head}.${forged}.${signature}`, 'PGRST301', 'JWT cryptographic operation failed'],
      [unsigned, 'PGRST301', 'Wrong or unsupported encoding algorithm'],
      ['a.b', 'PGRST301', 'Expected 3 parts in JWT; got 2'],
      ['a.b.c', 'PGRST301', 'The JWT cannot be decoded'],
    ] as const) {
      const { status, json, headers } = await api.get('/notes', bearer(token));
      assert.equal([status, json.code, json.message], [401, code, message]);
      assert.match(headers.get('www-authenticate')!, `error_description="${message}"`);
    }
    // A token that was good is not for ever: its times are looked at each time.
    const brief = await sign({ ...good, exp: now - 28 });
    assert.is((await api.get('/notes', bearer(brief))).status, 200);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    assert.is((await api.get('/notes', bearer(brief))).json.message, 'JWT expired');
  }));

test('a role that there is not, that is not ours to give, or a superuser, is refused; missing rights are 403 with a token and 401 without', () =>
  withNotes(`{ jwt: { secret: '${secret}', roleClaim: 'app.role' } }`, async (api, { sql }) => {
    const as = async (role: string) => bearer(await sign({ app: { role } } as JWTPayload));
    const [connected] = await sql`select current_user::text as name`;
    for (const role of [
      'nobody',
      'none',
      connected!.name,
      'postgres"; drop table api.notes; --',
      'pg_read_all_data"',
    ])
      assert.equal((await api.get('/notes', await as(role))).status, 403, role);
    assert.is((await api.get('/wages')).status, 401);
    assert.is((await api.get('/wages')).headers.get('www-authenticate'), 'Bearer');
    assert.is((await api.get('/wages', await as('service_role'))).status, 403);
    assert.is((await api.get('/wages', await as('authenticated'))).status, 200);
    assert.equal(await ids(api), [1]);
  }));

test('keys stand for roles; with keys nobody is anonymous unless that is said', async () => {
  const keys = `[{ key: 'sb_publishable_0123456789', role: 'anon' }, { key: 'sb_secret_0123456789', role: 'service_role' }]`;
  await withNotes(`{ keys: ${keys} }`, async (api) => {
    const anonymous = await api.get('/notes');
    assert.equal([anonymous.status, anonymous.json.code], [401, 'PGRST302']);
    assert.is((await api.get('/')).status, 401);
    assert.is((await api.get('/live')).status, 200);
    assert.equal(await ids(api, 'sb_publishable_0123456789'), [1]);
    assert.equal(await ids(api, 'sb_secret_0123456789'), [1, 2, 3]);
    const unknown = await api.get('/notes', bearer('sb_secret_012345678'));
    assert.equal([unknown.status, unknown.json.message], [401, 'The API key is not known.']);
    assert.is((await api.get('/notes', { headers: { apikey: 'sb_secret_0123456789' } })).json.length, 3);
    const client = createClient<any, 'api', 'api'>(api.url, 'sb_secret_0123456789', {
      db: { schema: 'api' },
      realtime: { transport: ws as never },
    });
    assert.is((await client.from('notes').select()).data!.length, 3);
  });
  await withNotes(`{ keys: ${keys}, anonymous: true, jwt: { secret: '${secret}' } }`, async (api) => {
    assert.equal(await ids(api), [1]);
    assert.equal(await ids(api, 'sb_secret_0123456789'), [1, 2, 3]);
    // A key for the application, a token for its user.
    const user = await sign({ role: 'authenticated', sub: 'bo' });
    const both = { headers: { apikey: 'sb_publishable_0123456789', authorization: `Bearer ${user}` } };
    assert.is((await api.get('/notes', both)).json.length, 2);
  });
});

test('public keys: RS256 and ES256, from the configuration or from a key set; a public key is no secret', async () => {
  const rsa = await generateKeyPair('RS256');
  const elliptic = await generateKeyPair('ES256');
  const pem = await exportSPKI(rsa.publicKey);
  await withNotes(`{ jwt: { publicKey: ${JSON.stringify(pem)} } }`, async (api) => {
    const claims = { role: 'authenticated', sub: 'ana' };
    assert.equal(await ids(api, await sign(claims, rsa.privateKey, 'RS256')), [1, 2]);
    for (const token of [
      await sign(claims, pem, 'HS256'),
      await sign(claims, elliptic.privateKey, 'ES256'),
      await sign(claims, (await generateKeyPair('RS256')).privateKey, 'RS256'),
    ])
      assert.is((await api.get('/notes', bearer(token))).status, 401);
  });
  const keys = [
    { ...(await exportJWK(rsa.publicKey)), kid: 'r', alg: 'RS256' },
    { ...(await exportJWK(elliptic.publicKey)), kid: 'e', alg: 'ES256' },
  ];
  let asked = 0;
  const server = createServer((_request, response) => {
    asked++;
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys }));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const jwks = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  await withNotes(`{ jwt: { jwks: '${jwks}', secret: '${secret}' } }`, async (api) => {
    const token = (kid: string, key: CryptoKey, alg: string, sub: string) =>
      sign({ role: 'authenticated', sub }, key, alg, kid);
    assert.equal(await ids(api, await token('e', elliptic.privateKey, 'ES256', 'ana')), [1, 2]);
    assert.equal(await ids(api, await token('r', rsa.privateKey, 'RS256', 'bo')), [1, 3]);
    assert.equal(await ids(api, await sign({ role: 'authenticated', sub: 'bo' })), [1, 3]);
    assert.is(asked, 1, 'the set is kept');
    const unknown = await api.get('/notes', bearer(await token('x', rsa.privateKey, 'RS256', 'bo')));
    assert.equal(
      [unknown.status, unknown.json.message, unknown.json.details],
      [401, 'No suitable key was found to decode the JWT', 'alg RS256, kid x'],
    );
  });
  server.closeAllConnections();
  server.close();
  await withNotes(`{ jwt: { jwks: '${jwks}' } }`, async (api) => {
    const lost = await api.get('/notes', bearer(await sign({ sub: 'x' }, rsa.privateKey, 'RS256', 'r')));
    assert.equal([lost.status, lost.json.code, lost.headers.get('retry-after')], [503, 'PGRST300', '1']);
    assert.equal(await ids(api), [1], 'who has no token is not affected');
  });
});

test('a connection that is lost while someone reads is replaced, and the next one reads as themselves', () =>
  withNotes(`{ jwt: { secret: '${secret}' } }`, async (api, { sql }) => {
    const token = await sign({ role: 'service_role' });
    await sql.unsafe(
      `create view api.slow as select pg_sleep(30)::text as t; grant select on api.slow to service_role; select pg_notify('medallion_published', '')`,
    );
    while ((await api.get('/slow?limit=0', bearer(token))).status === 404);
    const slow = Array.from({ length: 3 }, () => api.get('/slow', bearer(token)));
    const find = `from pg_stat_activity where datname = current_database() and query like '%"slow"%' and state = 'active' and pid <> pg_backend_pid()`;
    while ((await sql.unsafe(`select ${find}`)).count < 3);
    await sql.unsafe(`select pg_terminate_backend(pid) ${find}`);
    for (const { status } of await Promise.all(slow)) assert.is(status, 503);
    // Others of the pool may learn only now that they are gone.
    await until(
      async () =>
        (await api.get('/notes')).status === 200 && (await api.get('/notes', bearer(token))).status === 200,
    );
    for (let i = 0; i < 6; i++)
      assert.equal(await ids(api, i % 2 ? token : undefined), i % 2 ? [1, 2, 3] : [1]);
  }));

test('settings that nobody could be checked with are refused, without showing a secret', async () => {
  for (const [auth, message] of [
    [`{}`, 'needs keys or jwt'],
    [`{ jwt: {} }`, 'needs secret, publicKey or jwks'],
    [`{ jwt: { secret: 'short-secret' } }`, '32 bytes'],
    [`{ jwt: { publicKey: 'short-secret' } }`, 'in PEM'],
    [`{ jwt: { jwks: 'short-secret' } }`, 'address of a key set'],
    [`{ keys: [{ key: 'short-secret', role: 'anon' }] }`, '16 characters'],
    [`{ keys: [{ key: process.env.NOT_SET, role: 'anon' }] }`, 'serve.auth.keys'],
    [`{ jwt: { secrets: 'short-secret' } }`, 'secret'],
  ] as const)
    await withProject(
      { 'medallion.config.ts': config(`{ schemas: ['api'], auth: ${auth} }`) },
      async (project) => {
        const { code, stderr } = await project.mdl('serve', '--port', '0');
        assert.is(code, 2);
        assert.match(stderr, 'MDL1003');
        assert.match(stderr, message);
        assert.not.match(stderr, 'short-secret');
      },
    );
});

test.run();

// in one process
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { build, type Event, openProject, type RunOptions } from 'medallion';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { failsWith } from '../support/assertions.ts';
import { type Endpoint, startEndpoint } from '../support/endpoint.ts';
import { openFiles } from '../support/files.ts';
import { type TestProject, withProject } from '../support/project.ts';
import { type MailServer, startMailServer } from '../support/smtp.ts';
import { sleepingBackends, until } from '../support/wait.ts';

const test = suite('notify');

let slack: Endpoint;
let hook: Endpoint;
let mail: MailServer;
const forget = () => {
  for (const list of [slack.received, hook.received, mail.mails, mail.logins]) list.length = 0;
};

test.before(async () => {
  slack = await startEndpoint();
  hook = await startEndpoint();
  mail = await startMailServer();
});
test.before.each(forget);
test.after(async () => {
  await Promise.all([slack, hook, mail].map((server) => server.close()));
});

const config = (notify: string, more = '') => `import { csv, defineConfig } from 'medallion';
export default defineConfig({
  name: 'loja',
  database: process.env.DATABASE_URL,
  sources: { loja: csv({ dir: 'seeds' }) },
  layers: { gold: {} },
  targets: { dev: {}, prod: {} },
  notify: ${notify},
  ${more}
});
`;
const good = 'select id::int as id, name from {{ref "bronze.people"}}';
const tested = (severity: string, select = good) =>
  `/*---\ncolumns: { id: { tests: [{ unique: true, severity: ${severity} }] }, name: {} }\n---*/\n${select}`;
const bad = tested('error', `${good} union all ${good}`);
const warned = tested('warn', `${good} union all ${good}`);
const files = (notify: string, more?: string) => ({
  'medallion.config.ts': config(notify, more),
  'seeds/people.csv': 'id,name\n1,Ana\n2,Bia\n',
  'models/gold/people.sql': good,
});

/** A run by the engine itself, and what it told. */
async function run(project: TestProject, options: RunOptions & { target?: string } = {}) {
  process.env.DATABASE_URL = project.url;
  const events: Event[] = [];
  const { target, ...others } = options;
  const outcome = await build(await openProject({ dir: project.dir, target }), {
    ...others,
    emit: (event) => events.push(event),
  });
  return {
    outcome,
    events,
    notices: events.flatMap((event) => (event.event === 'notice' ? [event.message] : [])),
  };
}

/** What Slack refuses: https://docs.slack.dev/reference/block-kit/blocks; and what Discord does. */
function requireLimits({ text, blocks }: any): void {
  assert.ok(text.length <= 2000, `text has ${text.length}`);
  assert.ok(blocks.length <= 50, `${blocks.length} blocks`);
  let all = 0;
  for (const block of blocks) {
    const texts = block.elements ? block.elements.map((part: any) => part.text) : [block.text.text];
    for (const part of texts) {
      assert.ok(part.length > 0 && part.length <= (block.type === 'header' ? 150 : 3000), `${part.length}`);
      all += part.length;
      if (block.type !== 'header')
        assert.not.match(part.replaceAll(/<(https?:[^|<>]*)\|See the run>/g, ''), /[<>]/);
      assert.is(part.split('```').length % 2, 1, 'a block of code is open');
    }
  }
  assert.ok(all <= 13_000, `${all} in all`);
}

test('a failing run is told with what failed, its rows, and what readers see', () =>
  withProject(
    files(
      `{
    ops: { slack: '${slack.origin}/services/T000/B000/secret-path' },
    team: { webhook: { url: '${hook.origin}/in?token=s3cr3t-token', secret: 'signed-with-this', headers: { authorization: 'Bearer abcdefgh' } } },
    mail: { email: { to: ['ops@loja.example', 'Bia <bia@loja.example>'], from: 'Loja <mdl@loja.example>', smtp: 'smtp://mdl:pass-word@127.0.0.1:${mail.port}' } },
  }`,
      `serve: { publicUrl: 'https://data.loja.example/' },`,
    ),
    async (project) => {
      await run(project);
      project.write('models/gold/people.sql', bad);
      const { outcome, events, notices } = await run(project, { target: 'prod', cause: 'schedule nightly' });
      assert.equal([outcome.status, notices], ['failed', []]);
      const sent = events.flatMap((event) => (event.event === 'notification.sent' ? [event] : []));
      assert.equal(sent.map(({ channel, kind, occasion }) => `${channel} ${kind} ${occasion}`).sort(), [
        'mail email failure',
        'ops slack failure',
        'team webhook failure',
      ]);
      assert.is(events.at(-1)!.event, 'run.finished');

      const title = 'loja (prod): build failed: gold.people, unique (id): 2 failures';
      assert.is(slack.received.length, 1);
      const [message] = slack.bodies();
      requireLimits(message);
      const shown = JSON.stringify(message);
      assert.is(message.blocks[0].text.text, `🔴 ${title}`);
      for (const part of ['run 2', 'schedule nightly', '*gold.people* unique (id): 2 failures', 'MDL4101'])
        assert.match(shown, part);
      assert.match(shown, 'models/gold/people.sql:2');
      assert.match(message.text, /```\nid {2}rows\n1 {3}2\n2 {3}2\n```/);
      assert.match(shown, '<https://data.loja.example/ui/runs/2|See the run>');
      assert.match(shown, /readers still see run 1 \(\d{4}-\d\d-\d\d \d\d:\d\d UTC\)/);

      const [{ headers, body, path }] = hook.received as any;
      const signature = createHmac('sha256', 'signed-with-this').update(body).digest('hex');
      assert.is(headers['x-mdl-signature'], `sha256=${signature}`);
      assert.equal(
        [headers['content-type'], headers.authorization, headers['x-mdl-occasion'], path],
        ['application/json', 'Bearer abcdefgh', 'failure', '/in?token=s3cr3t-token'],
      );
      assert.match(headers['x-mdl-delivery'], /^[0-9a-f-]{36}$/);
      const told = JSON.parse(body);
      assert.equal(Object.keys(told), [
        ...['version', 'occasion', 'title', 'project', 'sentAt', 'run', 'counts', 'error'],
        ...['failures', 'warnings', 'published', 'readersSee'],
      ]);
      const { startedAt, durationMs, ...facts } = told.run;
      assert.ok(Date.parse(startedAt) <= Date.parse(told.sentAt) && durationMs > 0);
      assert.equal(facts, {
        ...{
          id: 2,
          command: 'build',
          target: 'prod',
          cause: 'schedule nightly',
          selection: null,
          status: 'failed',
        },
        url: 'https://data.loja.example/ui/runs/2',
      });
      assert.equal(told.failures[0].tests[0].rows, [
        { id: '1', rows: '2' },
        { id: '2', rows: '2' },
      ]);
      assert.equal([told.title, told.counts.testsFailed, told.readersSee.runId], [title, 1, 1]);

      assert.equal(mail.logins, ['mdl:pass-word']);
      const [letter] = mail.mails;
      assert.equal(
        [letter!.from, letter!.to],
        ['mdl@loja.example', ['ops@loja.example', 'bia@loja.example']],
      );
      assert.equal([letter!.headers.subject, letter!.headers['auto-submitted']], [title, 'auto-generated']);
      assert.match(letter!.text, 'gold.people: unique (id): 2 failures');
      assert.match(letter!.text, /id {2}rows\n {4}1 {3}2\n/);
      assert.match(letter!.text, 'https://data.loja.example/ui/runs/2\nnpx mdl runs show 2');
      assert.match(letter!.html, '<a href="https://data.loja.example/ui/runs/2">');
      assert.match(letter!.html, /<th[^>]*>id<\/th><th[^>]*>rows<\/th>/);
    },
  ));

test('who is told, and of what', () =>
  withProject(
    files(`{
    usual: { slack: '${slack.origin}/usual' },
    first: { slack: '${slack.origin}/first', repeat: false },
    all: { slack: '${slack.origin}/all', on: 'always' },
    warnings: { slack: '${slack.origin}/warnings', on: ['warning'] },
    loads: { slack: '${slack.origin}/loads', on: 'always', commands: ['load'] },
    prod: { slack: '${slack.origin}/prod', on: 'always', targets: ['prod'] },
    unattended: { slack: '${slack.origin}/unattended', on: ['success', 'failure'], unattended: true },
    off: { slack: process.env.NO_SUCH_VARIABLE, on: 'always' },
  }`),
    async (project) => {
      const toldOf = async (options: Parameters<typeof run>[1] = {}) => {
        const { events } = await run(project, options);
        const told = events.flatMap((event) =>
          event.event === 'notification.sent' ? [`${event.channel} ${event.occasion}`] : [],
        );
        assert.equal(
          slack.received.map(({ path }) => path.slice(1)).sort(),
          told.map((text) => text.split(' ')[0]).sort(),
        );
        forget();
        return told.sort().join(', ');
      };
      assert.is(await toldOf(), 'all success');
      project.write('models/gold/people.sql', bad);
      assert.is(await toldOf(), 'all failure, first failure, usual failure');
      assert.is(await toldOf(), 'all failure, usual failure');
      // A run of something else says nothing about this one.
      assert.is(await toldOf({ select: ['bronze.people'] }), 'all success');
      project.write('models/gold/people.sql', warned);
      assert.is(await toldOf(), 'all recovery, first recovery, usual recovery, warnings warning');
      assert.is(await toldOf({ force: true }), 'all warning, warnings warning');
      assert.is(
        await toldOf({ command: 'load', phases: { load: true, models: false } }),
        'all success, loads success',
      );
      project.write('models/gold/people.sql', good);
      assert.is(
        await toldOf({ target: 'prod', cause: 'trigger orders' }),
        'all success, prod success, unattended success',
      );
      // Somebody interrupted it, and knows. Nobody did when it took too long.
      for (const [reason, told] of [
        [undefined, ''],
        [new DOMException('It took too long.', 'TimeoutError'), 'all failure, first failure, usual failure'],
      ] as const) {
        project.write('models/gold/people.sql', 'select pg_sleep(600)::text as slept');
        const stop = new AbortController();
        const running = toldOf({ signal: stop.signal });
        await sleepingBackends(project.sql);
        stop.abort(reason);
        assert.is(await running, told);
      }
      const { stdout } = await project.mdl('build', '--dry-run');
      assert.match(stdout, 'Nothing was done');
      assert.is(slack.received.length, 0);
    },
  ));

test('what receivers take for markup arrives as it is; long and wide rows are cut', () =>
  withProject(
    {
      ...files(
        `{
    ops: { slack: '${slack.origin}/x' },
    team: { webhook: '${hook.origin}/x' },
    mail: { email: { to: 'a@b.example', from: 'c@d.example', smtp: { host: '127.0.0.1', port: ${mail.port} } } },
  }`,
        'threads: 1',
      ),
      'models/gold/people.sql': `/*---
columns:
  name: { tests: [{ accepted_values: [none], name: '<img src=x onerror=alert(1)> & @channel [a](https://evil.example) \`code\`' }] }
  note: { tests: [not_null] }
  long: {}
---*/
select v as name, repeat('<&>"', 5000) as long, null::text as note from (values ('<script>alert(''1'')</script> & \`\`\`'), (E'two\\nlines\\tand a tab'), ('it''s; drop table'), (null), ('👨‍👩‍👧‍👦'), ('f'), ('g')) as t (v)`,
      'models/gold/wide.sql': `/*---
columns:
${Array.from({ length: 30 }, (_, i) => `  c${i}: { tests: [{ accepted_values: ['&'] }] }`).join('\n')}
---*/
select ${Array.from({ length: 30 }, (_, i) => `repeat('&<', 80) as c${i}`).join(', ')} from generate_series(1, 6)`,
    },
    async (project) => {
      const { outcome, notices } = await run(project);
      assert.equal([outcome.status, notices], ['failed', []]);
      const [message] = slack.bodies();
      requireLimits(message);
      const section = message.blocks.find((block: any) => block.text?.text.startsWith('*gold.people*'))?.text
        .text;
      const all = message.blocks.map((block: any) => block.text?.text ?? '').join('\n');
      assert.ok(section, all);
      assert.match(
        section,
        '&lt;img src=x onerror=alert(1)&gt; &amp; @\u200bchannel [a]\u200b(https://evil.example) ˋcodeˋ',
      );
      assert.match(section, '&lt;script&gt;alert');
      assert.match(section, 'ˋˋˋ');
      assert.match(section, 'two⏎lines and a tab');
      assert.match(section, 'the first 5 of 6');
      assert.match(all, /… and \d+ more/);
      const [body] = hook.bodies();
      assert.is(body.failures.length, 2);
      const found = body.failures.find(({ node }: any) => node === 'gold.people').tests[0];
      assert.is(found.title.slice(0, 4), '<img');
      assert.is(found.rows.length, 5);
      assert.ok(hook.received[0]!.body.length < 100_000, String(hook.received[0]!.body.length));
      const [letter] = mail.mails;
      assert.not.match(letter!.html, /<script|<img|onerror=alert\(1\)>/);
      assert.match(letter!.html, '&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; ```');
      assert.match(letter!.html, '<em>null</em>');
      assert.match(letter!.text, "it's; drop table");
      assert.match(letter!.text, '... and 22 more');
      assert.not.match(letter!.headers.subject!, /\n/);
    },
  ));

test('rows: 0 keeps the rows to the database', () =>
  withProject(
    {
      ...files(`{ ops: { slack: '${slack.origin}/x', rows: 0 }, team: { webhook: '${hook.origin}/x', rows: 0 },
        mail: { rows: 0, email: { to: 'a@b.example', from: 'c@d.example', smtp: 'smtp://127.0.0.1:${mail.port}' } } }`),
      'models/gold/people.sql': `/*---\ncolumns: { id: {}, name: { tests: [{ accepted_values: [Ana] }] } }\n---*/\n${good}`,
    },
    async (project) => {
      await run(project);
      const told = [
        slack.received[0]!.body,
        hook.received[0]!.body,
        mail.mails[0]!.text,
        mail.mails[0]!.html,
      ];
      for (const text of told) assert.not.match(text, 'Bia');
      for (const text of told) assert.match(text, '1 failure');
    },
  ));

test('what cannot be delivered is a notice with its reason, without secrets, and fails no run', async () => {
  const flaky = await startEndpoint((count) => (count === 1 ? 500 : 200));
  const silent = await startEndpoint(() => undefined);
  const slow = await startEndpoint((count) => (count === 1 ? undefined : 200));
  const refusing = await startEndpoint(() => 404);
  const busy = await startMailServer((count) => (count === 1 ? '451 try later' : '250 ok'));
  const closed = await startEndpoint();
  await closed.close();
  try {
    await withProject(
      files(`{
    flaky: { webhook: '${flaky.origin}/flaky', on: 'always' },
    silent: { slack: '${silent.origin}/services/secret-silent', on: 'always', timeout: '600 ms' },
    slow: { slack: '${slow.origin}/slow', on: 'always', timeout: '12 s' },
    refusing: { slack: '${refusing.origin}/services/secret-refusing', on: 'always' },
    closed: { webhook: { url: '${closed.origin.replace('//', '//some-user:some-password@')}/secret-closed?key=secret-query', headers: { 'x-key': 'secret-header' }, secret: 'secret-secret' }, on: 'always' },
    busy: { email: { to: 'a@b.example', from: 'c@d.example', smtp: 'smtp://127.0.0.1:${busy.port}' }, on: 'always' },
    login: { email: { to: 'a@b.example', from: 'c@d.example', smtp: 'smtp://who:wrong-password@127.0.0.1:${mail.port}' }, on: 'always' },
  }`),
      async (project) => {
        const { code, stdout, stderr } = await project.mdl('build', '--json');
        assert.is(code, 0, stderr);
        const events = stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line));
        const sent = events
          .filter(({ event }) => event === 'notification.sent')
          .map(({ channel }) => channel);
        assert.equal(sent.sort(), ['busy', 'flaky', 'slow']);
        assert.is(new Set(flaky.received.map(({ headers }) => headers['x-mdl-delivery'])).size, 1);
        assert.equal([flaky.received.length, refusing.received.length, slow.received.length], [2, 1, 2]);
        assert.equal([busy.mails.length, mail.mails.length], [1, 0]);
        const notices = events
          .filter(({ event }) => event === 'notice')
          .map(({ message }) => message)
          .sort();
        assert.is(notices.length, 4, notices.join('\n'));
        assert.match(
          notices[0],
          /^closed could not be told of the success \(webhook\): 127\.0\.0\.1:\d+ cannot be reached: .*ECONNREFUSED/,
        );
        assert.match(notices[1], /^login .*\(email\): the mail server refused: .*535/);
        assert.match(notices[2], /^refusing .*: 127\.0\.0\.1:\d+ answered 404: said \*\*\*$/);
        assert.match(notices[3], /^silent .*: no answer within [\d.]+ s$/);
        const again = await project.mdl('build');
        assert.is(again.code, 0);
        assert.match(again.stdout, 'Try it with: npx mdl notify silent');
        assert.match(again.stdout, 'told    flaky of the success (webhook)');
        const kept = await project.sql<{ text: string }[]>`
          select coalesce(string_agg(r::text, ''), '') || (select coalesce(string_agg(e::text, ''), '') from medallion.run_events e) as text from medallion.runs r`;
        const doctor = await project.mdl('doctor');
        assert.match(doctor.stdout, 'notify.flaky: by webhook, on always');
        for (const text of [stdout, again.stdout, kept[0]!.text, doctor.stdout])
          assert.not.match(text, /secret-|some-password|wrong-password/);
      },
    );
  } finally {
    await Promise.all([flaky, silent, slow, refusing, busy].map((server) => server.close()));
  }
});

test('a run that cannot begin is told of as well; one that waits for another is not', () =>
  withProject(files(`{ team: { webhook: '${hook.origin}/x' } }`), async (project) => {
    project.write(
      'medallion.config.ts',
      project
        .read('medallion.config.ts')
        .replace('process.env.DATABASE_URL', `'postgres://nobody:pass-word@127.0.0.1:1/x'`),
    );
    const { code } = await project.mdl('build');
    assert.is(code, 1);
    const [body] = hook.bodies();
    assert.equal([body.run.id, body.error.code, body.readersSee], [null, 'MDL2001', null]);
    assert.not.match(hook.received[0]!.body, 'pass-word');
    forget();
    await project.mdl('build', '--select', 'nobody');
    assert.is(hook.received.length, 0);
  }));

test('a hook that failed is told of by its name, once', () =>
  withProject(
    files(
      `{ team: { webhook: '${hook.origin}/x' } }`,
      `hooks: { on_run_end: [{ name: 'purge', run: () => { throw new Error('no luck'); } }] },`,
    ),
    async (project) => {
      await run(project);
      const [body] = hook.bodies();
      assert.is(body.title, 'loja (dev): build failed: purge, no luck');
      assert.equal(
        [body.failures.length, body.failures[0].kind, body.published],
        [1, 'hook', ['gold.people']],
      );
    },
  ));

test('the daemon tells of its runs, also of those whose project does not compile', () =>
  withProject(
    files(
      `{ team: { webhook: '${hook.origin}/x', unattended: true, on: ['failure', 'success'] } }`,
      `schedule: { secondly: { cron: '* * * * * *' } },`,
    ),
    async (project) => {
      const daemon = project.spawn('schedule');
      await until(() => hook.received.length > 0);
      project.write('models/gold/people.sql', 'select {{#if');
      await until(() => hook.bodies().some(({ occasion }) => occasion === 'failure'));
      daemon.kill('SIGINT');
      await once(daemon, 'exit');
      const [first] = hook.bodies();
      assert.equal([first.occasion, first.run.cause], ['success', 'schedule secondly']);
      const failed = hook.bodies().find(({ occasion }) => occasion === 'failure');
      assert.equal(
        [failed.run.id, failed.error.code, failed.error.where.file],
        [null, 'MDL1203', 'models/gold/people.sql'],
      );
      assert.match(failed.title, 'loja (dev): build failed: The template cannot be parsed');
    },
  ));

test('mdl notify sends a test through each channel, and says what came of it', async () => {
  const refusing = await startEndpoint(() => 403);
  try {
    await withProject(
      files(`{
    ops: { slack: '${slack.origin}/x' },
    team: { webhook: '${hook.origin}/x' },
    mail: { email: { to: 'a@b.example', from: 'c@d.example', smtp: 'smtp://127.0.0.1:${mail.port}' } },
    off: { webhook: { url: '${hook.origin}/off', headers: { authorization: process.env.NO_SUCH_VARIABLE } } },
    broken: { webhook: '${refusing.origin}/secret-path' },
  }`),
      async (project) => {
        const all = await project.mdl('notify');
        assert.is(all.code, 1);
        for (const line of [/sent {2}ops \(slack\)/, /sent {2}team \(webhook\)/, /sent {2}mail \(email\)/])
          assert.match(all.stdout, line);
        assert.match(all.stdout, 'off   off (webhook)  webhook.headers.authorization has no value');
        assert.match(all.stdout, /FAIL {2}broken \(webhook\) {2}127\.0\.0\.1:\d+ answered 403: said \*\*\*/);
        assert.match(all.stderr, 'MDL7004 1 channel could not be reached: broken.');
        assert.match(slack.bodies()[0].text, 'loja: a test of the channel ops');
        requireLimits(slack.bodies()[0]);
        assert.equal([hook.bodies()[0].occasion, hook.bodies()[0].run], ['test', null]);
        assert.is(mail.mails[0]!.headers.subject, 'loja: a test of the channel mail');
        const one = await project.mdl('notify', 'ops', '--json');
        assert.equal(
          [one.code, JSON.parse(one.stdout)],
          [0, { channel: 'ops', kind: 'slack', status: 'sent' }],
        );
        const unknown = await project.mdl('notify', 'opps');
        assert.is(unknown.code, 2);
        assert.match(unknown.stderr, /MDL7003 There is no channel "opps"\.[\s\S]*ops/);
        const doctor = await project.mdl('doctor');
        assert.match(doctor.stdout, 'notify.off is off: webhook.headers.authorization has no value');
      },
    );
    await withProject(files('{}'), async (project) => {
      const { code, stderr } = await project.mdl('notify');
      assert.equal([code, /MDL7003 medallion.config.ts has no channel/.test(stderr)], [2, true]);
    });
  } finally {
    await refusing.close();
  }
});

test('Ctrl-C while somebody is told ends the run', async () => {
  const silent = await startEndpoint(() => undefined);
  try {
    await withProject(files(`{ ops: { slack: '${silent.origin}/x', on: 'always' } }`), async (project) => {
      const child = project.spawn('build');
      await until(() => silent.received.length > 0);
      child.kill('SIGINT');
      const [code] = await once(child, 'exit');
      assert.is(code, 130);
      assert.is((await project.sql`select from gold.people`).count, 2);
    });
  } finally {
    await silent.close();
  }
});

test('settings that are wrong are told with what is right', async () => {
  for (const [notify, message] of [
    [`{ ops: {} }`, 'notify.ops: needs one of slack, webhook, email'],
    [`{ ops: { slack: 'https://a.example', webhook: 'https://a.example' } }`, 'notify.ops: needs one of'],
    [`{ ops: { slack: 'a.example/secret' } }`, 'notify.ops.slack: must be an address with http or https'],
    [`{ ops: { slack: 'https://a.example', on: 'fail' } }`, 'notify.ops.on[0]'],
    [`{ ops: { slack: 'https://a.example', rows: 6 } }`, 'notify.ops.rows'],
    [`{ ops: { slack: 'https://a.example', timeout: '1min' } }`, 'notify.ops.timeout: must be 30 s or less'],
    [
      `{ ops: { slack: 'https://a.example', target: ['prod'] } }`,
      'notify.ops.target: unknown setting "target"',
    ],
    [`{ m: { email: { to: 'nobody', from: 'a@b', smtp: 'smtp://x' } } }`, 'notify.m.email.to'],
    [`{ m: { email: { to: 'a@b.c', from: 'a@b.c', smtp: 'x' } } }`, 'notify.m.email.smtp: must be smtp://'],
    [`{ 'a b': { slack: 'https://a.example' } }`, 'notify.a b: must be letters'],
  ] as const) {
    const error = await failsWith('MDL1003', () =>
      openFiles({ ...files(notify), 'seeds/people.csv': 'id,name\n' }),
    );
    assert.match(error.message, message);
    assert.not.match(error.message, 'secret');
  }
  const error = await failsWith('MDL1003', () => openFiles(files('{}', `serve: { publicUrl: 'loja' },`)));
  assert.match(error.message, 'serve.publicUrl: must be an address');
});

test.run();

// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type TestProject, withProject } from '../support/project.ts';

const test = suite('failing rows');

/** 30 people without a name, one of whom is too old; ids that a JavaScript number cannot hold. */
function withPeople(
  files: Record<string, string>,
  work: (project: TestProject) => Promise<void>,
): Promise<void> {
  const people = Array.from(
    { length: 30 },
    (_, i) => `${9007199254740993n + BigInt(i)},,${i === 7 ? 200 : i}`,
  );
  return withProject(
    {
      'seeds/people.csv': `id,name,age\n${people.join('\n')}\n`,
      'models/silver/people.sql': `/*---
columns:
  name: { type: text, tests: [ { not_null: true, severity: warn, name: people without a name } ] }
  id: bigint
  age: { type: 'numeric(5,1)', tests: [ { between: [0, 300] } ] }
---*/
select id, name, age from {{ref "bronze.people"}}`,
      ...files,
    },
    work,
  );
}

const strictAge = (project: TestProject) =>
  project.write(
    'models/silver/people.sql',
    project.read('models/silver/people.sql').replace('[0, 300]', '[0, 12]'),
  );

test('test --show prints the rows that fail or warn, whole, and says how many more there are', () =>
  withPeople({}, async (project) => {
    assert.is((await project.mdl('build')).code, 0);
    strictAge(project);
    const plain = await project.mdl('test', 'silver.*');
    assert.is(plain.code, 1);
    assert.match(plain.stdout, `See the rows: npx mdl test 'silver.*' --show`);
    const { code, stdout } = await project.mdl('test', 'silver.*', '--show', '--limit', '2');
    assert.is(code, 1, stdout);
    assert.match(stdout, /WARN people without a name: 30 failures {3}models\/silver\/people\.sql:3:\d+/);
    assert.match(
      stdout,
      /FAIL between 0 and 12 \(age\): 18 failures.*\n {6}name +id +age\n.*\n {6}null {2}9007199254741000 {2}200\.0\n {6}null {2}9007199254741006 {3}13\.0\n {6}the first 2 of 18; more with --limit\n/,
    );
    assert.not.match(stdout, 'See the rows');
    const all = await project.mdl('test', '--show', '--limit', '30');
    assert.not.match(all.stdout, 'more with --limit');
    assert.is((await project.mdl('test', '--show', '--limit', '0')).code, 2);
  }));

test('test --show --json gives them with their columns in order', () =>
  withPeople({}, async (project) => {
    assert.is((await project.mdl('build')).code, 0);
    const finished = (events: Record<string, any>[]) =>
      events.find(({ event }) => event === 'test.finished')!.results.map(({ rows }: any) => rows);
    const [warned, passed] = finished(await project.events('test', '--show', '--limit', '1'));
    assert.equal(warned, {
      columns: [
        { name: 'name', numeric: false },
        { name: 'id', numeric: true },
        { name: 'age', numeric: true },
      ],
      rows: [[null, '9007199254740993', '0.0']],
      available: 30,
    });
    assert.is(passed, undefined);
    assert.equal(finished(await project.events('test')), [undefined, undefined]);
  }));

test('a failed build names the command that shows its rows, and each step of the way works', () =>
  withPeople({}, async (project) => {
    strictAge(project);
    const first = await project.mdl('build', '--select', 'bronze.people', 'silver.*');
    assert.is(first.code, 1);
    assert.match(
      first.stdout,
      `Keep all failing rows: npx mdl build --select bronze.people 'silver.*' --store-failures`,
    );
    // The samples of every run are kept.
    const short = await project.mdl('runs', 'show', '1');
    assert.match(short.stdout, /name +id +age\n.*\n {6}null {2}9007199254741000 {2}200\.0\n/);
    assert.match(short.stdout, 'the first 5 of 18: the run kept no more');
    const second = await project.mdl('build', '--store-failures');
    assert.match(second.stdout, 'See the rows: npx mdl runs show 2');
    const { stdout } = await project.mdl('runs', 'show', '2');
    assert.match(stdout, /FAIL between 0 and 12 \(age\): 18 failures/);
    assert.match(stdout, /name +id +age\n.*\n {6}null {2}9007199254741000 {2}200\.0\n/);
    assert.match(stdout, 'the first 20 of 30; more with --limit');
    assert.not.match(stdout, 'of 18');
    const json = JSON.parse((await project.mdl('runs', 'show', '2', '--limit', '1', '--json')).stdout);
    const tests = json.nodes.find((node: any) => node.node === 'silver.people').tests;
    assert.equal(tests[1].rows.rows, [[null, '9007199254741000', '200.0']]);
    assert.is(tests[1].stored, 18);
  }));

test('what is in the data neither moves the cursor nor breaks a line', () =>
  withPeople({}, async (project) => {
    assert.is((await project.mdl('build')).code, 0);
    project.write(
      'tests/evil.sql',
      `select 'a' || chr(27) || '[2Jb' || chr(10) || 'c' as "x" from {{ref "silver.people"}}`,
    );
    for (const args of [['test', '--show'], ['test'], ['build'], ['runs', 'show', '2']]) {
      const { stdout } = await project.mdl(...args);
      assert.match(stdout, '␛[2Jb⏎c', args.join(' '));
      assert.not.match(stdout, '\u001b');
    }
  }));

test('no hint where no test fails or warns', () =>
  withPeople(
    {
      'models/silver/few.sql': `/*---\ntests: [ { expression: 'x > 1', error_if: '>5', warn_if: '>5' } ]\n---*/\nselect 1 as x`,
    },
    async (project) => {
      assert.is((await project.mdl('build')).code, 0);
      const { stdout } = await project.mdl('test', 'silver.few');
      assert.match(stdout, '1 test passed, 0 warned, 0 failed');
      assert.not.match(stdout, 'See the rows');
    },
  ));

test('no hint where the lines above told every failing row', () =>
  withPeople(
    { 'models/silver/one.sql': '/*---\ntests: [ { row_count: { min: 5 } } ]\n---*/\nselect 1 as x' },
    async (project) => {
      const { code, stdout } = await project.mdl('build');
      assert.is(code, 1);
      assert.match(stdout, 'row_count min 5: 1 failure');
      assert.not.match(stdout, 'failing rows:');
    },
  ));

test('rows of a test that returns no columns, or one name twice', () =>
  withPeople({}, async (project) => {
    assert.is((await project.mdl('build')).code, 0);
    project.write('tests/none.sql', 'select from {{ref "silver.people"}}');
    project.write(
      'tests/twice.sql',
      'select a.id, b.id from {{ref "silver.people"}} a join {{ref "silver.people"}} b using (id)',
    );
    const shown = await project.mdl('test', '--show', '--limit', '1');
    assert.match(shown.stdout, 'none: 30 failures');
    assert.match(shown.stdout, /id +id\n/);
    assert.is((await project.mdl('build', '--store-failures')).code, 1);
    assert.match((await project.mdl('runs', 'show', '2', '--limit', '1')).stdout, /id +id\n/);
  }));

test.run();

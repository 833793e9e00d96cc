// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { built, errorOf, files, json, orphans, person, planned, seen, statuses } from '../support/plan.ts';
import { withProject } from '../support/project.ts';
import { hold, until, untilHeld, waitingModel } from '../support/wait.ts';

const test = suite('plans that end');

const changed = 'id,name,city\n1,Ana,Paulista\n2,José,Recife\n';

test('what has moved since makes a plan worthless, and is named', () =>
  withProject(files, async (project) => {
    await built(project);
    const before = await seen(project);
    project.write('seeds/people.csv', changed);
    assert.is((await project.mdl('load')).code, 0);
    const refused = async (hand: string, code: string, message: RegExp) => {
      assert.is((await planned(project)).code, 0);
      await project.sql.unsafe(hand);
      const { code: exit, events } = await json(project, 'publish');
      assert.is(exit, 1);
      assert.is(errorOf(events).code, code, JSON.stringify(errorOf(events)));
      assert.match(errorOf(events).message, message);
      assert.is((await statuses(project)).at(-1), 'outdated');
      assert.is(await orphans(project), 0);
    };
    await refused(
      'alter table silver.people add column theirs int',
      'MDL4322',
      /silver\.people was altered by others/,
    );
    await project.sql`alter table silver.people drop column theirs`;
    await refused(
      'drop table mdl_stage_loja_silver.people cascade',
      'MDL4323',
      /the staged relation mdl_stage_loja_silver\.people is gone/,
    );
    await refused(
      "update medallion.relations set data_version = data_version + 1 where node = 'bronze.people'",
      'MDL4322',
      /bronze\.people has other rows/,
    );
    await refused(
      "update medallion.plans set plan = jsonb_set(plan::jsonb, '{version}', '0') where status = 'open'",
      'MDL4324',
      /another version/,
    );
    await refused('drop view gold.shown; drop table gold.by_city', 'MDL4322', /gold\.by_city was dropped/);
    await built(project);
    assert.is(before.people.length, 3);
  }));

test('rows that others wrote by hand since are made right, and told of', () =>
  withProject(files, async (project) => {
    await built(project);
    project.write('seeds/people.csv', changed);
    assert.is((await planned(project, '--load')).code, 0);
    await project.sql`insert into silver.people values (9, 'by hand', 'Natal')`;
    await project.sql`update silver.people set name = 'by hand' where id = 2`;
    const { code, events } = await json(project, 'publish');
    assert.is(code, 0, JSON.stringify(events));
    const told = events.filter(({ event, node }) => event === 'notice' && node === 'silver.people');
    assert.match(
      told[0]!.message,
      /others have written into it .* 0 new, 2 changed, 1 deleted rows and not 0 new, 1 changed, 0 deleted/,
    );
    assert.equal((await seen(project)).people.slice(0, 2), ['1 Ana Paulista', '2 José Recife']);
    assert.is((await seen(project)).people.length, 3);
  }));

test('every run makes a plan outdated and says so; it can be discarded; cleaning does too', () =>
  withProject(files, async (project) => {
    await built(project);
    project.write('models/silver/people.sql', person('select id::int as id, upper(name) as name, city'));
    for (const command of ['load', 'build']) {
      assert.ok((await planned(project)).made);
      const { events } = await json(project, command);
      assert.is(events.filter(({ message }) => /is outdated: its stage/.test(message ?? '')).length, 1);
      const none = await project.mdl('publish');
      assert.is(none.code, 2);
      assert.match(none.stderr, new RegExp(`is outdated \\(mdl ${command}\\)`));
    }
    const nothing = await planned(project);
    assert.is(nothing.code, 0);
    assert.is(nothing.made, undefined, 'there is nothing to publish, and no plan');
    assert.match((await project.mdl('plan')).stdout, /Nothing to publish/);
    assert.is(await orphans(project), 0);
    project.write('models/silver/people.sql', person('select id::int as id, lower(name) as name, city'));
    assert.ok((await planned(project)).made);
    const second = await planned(project);
    assert.ok(second.made, 'a plan makes room for the next');
    const discarded = await project.mdl('plan', '--discard');
    assert.is(discarded.code, 0, discarded.stderr);
    assert.match(discarded.stdout, /^The plan of run \d+ is discarded/);
    assert.is(await orphans(project), 0);
    assert.is((await project.mdl('plan', '--discard')).code, 2);
    assert.is((await project.mdl('plan', '--show')).code, 2);
    assert.ok((await planned(project)).made);
    assert.match((await project.mdl('clean')).stdout, /the open plan of run \d+/);
    assert.equal(await statuses(project), ['outdated', 'outdated', 'outdated', 'discarded', 'discarded']);
    assert.is((await seen(project)).people[0], '1 ANA Olinda');
  }));

test('killed while planning: no plan is open; killed while publishing: all or nothing, and it can be published again', () =>
  withProject(files, async (project) => {
    await built(project);
    const { sql } = project;
    project.write('models/silver/people.sql', person('select id::int as id, upper(name) as name, city'));
    project.write('models/silver/wait.sql', waitingModel);
    const release = await hold(sql);
    const killed = project.spawn('plan');
    await untilHeld(sql);
    killed.kill('SIGKILL');
    await release();
    project.write('models/silver/wait.sql', 'select 1 as n');
    assert.equal(await statuses(project), []);
    assert.ok((await planned(project)).made);
    const before = await seen(project);
    // A publish that waits for a reader's lock, killed in its transaction.
    const reader = await sql.reserve();
    await reader.unsafe('begin; lock table silver.people in access exclusive mode');
    const publishing = project.spawn('publish');
    let told = '';
    publishing.stdout!.on('data', (chunk) => (told += chunk));
    await until(async () => {
      const [row] = await sql`
        select from medallion.runs where command = 'publish' and status = 'running'`;
      const [waits] =
        await sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      return row !== undefined && waits !== undefined;
    });
    publishing.kill('SIGKILL');
    await new Promise((resolve) => publishing.on('close', resolve));
    await reader.unsafe('rollback');
    reader.release();
    assert.equal(await statuses(project), ['open'], told);
    assert.equal(await seen(project), before);
    const publish = await project.mdl('publish');
    assert.is(publish.code, 0, publish.stdout + publish.stderr);
    assert.is((await seen(project)).people[0], '1 ANA Olinda');
    assert.equal(await statuses(project), ['published']);
    assert.is(await orphans(project), 0);
  }));

test.run();

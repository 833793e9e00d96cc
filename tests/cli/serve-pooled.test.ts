// core, pooled: runs on every server, and through a transaction pooler
// in one process
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { config, withApi } from '../support/api.ts';
import { testProject } from '../support/project.ts';
import { createRoles } from '../support/roles.ts';

const test = suite('serve and poolers');
const isPooled = process.env.MDL_TEST_MDL_URL !== process.env.MDL_TEST_URL;

test('a transaction pooler is refused with what to do, anything else is served', async () => {
  const project = await testProject({ 'medallion.config.ts': config('{}') });
  try {
    await createRoles(project.sql, 'anon');
    await project.sql`create schema api`;
    if (isPooled) {
      const { code, stderr } = await project.mdl('serve', '--port', '0');
      assert.is(code, 2, stderr);
      assert.match(stderr, /error MDL6003 .*transaction pooler/);
    } else await withApi(project, async (api) => assert.is((await api.get('/ready')).status, 200));
  } finally {
    await project.close();
  }
});

test.run();

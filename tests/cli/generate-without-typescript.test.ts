import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { withShop } from '../support/shop.ts';

const test = suite('generate without typescript');

test('only the types for Kysely are refused', () =>
  withShop({}, async (project) => {
    // What a project without the package has: nothing by that name.
    project.write(
      'without-typescript.cjs',
      `const Module = require('node:module'); const resolve = Module._resolveFilename;
Module._resolveFilename = function (name, ...rest) {
  if (name === 'typescript') throw Object.assign(new Error("Cannot find module 'typescript'"), { code: 'MODULE_NOT_FOUND' });
  return resolve.call(this, name, ...rest);
};`,
    );
    const before = process.env.NODE_OPTIONS;
    process.env.NODE_OPTIONS = `--require ${join(project.dir, 'without-typescript.cjs')}`;
    try {
      const { code, stderr } = await project.mdl('generate');
      assert.is(code, 2);
      assert.match(stderr, /MDL6103/);
      assert.match(stderr, 'npm i -D typescript');
      assert.is((await project.mdl('generate', 'supabase', 'zod', 'openapi')).code, 0);
    } finally {
      if (before === undefined) delete process.env.NODE_OPTIONS;
      else process.env.NODE_OPTIONS = before;
    }
  }));

test.run();

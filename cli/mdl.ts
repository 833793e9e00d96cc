#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import * as nodeModule from 'node:module';

/** Answered without loading anything: people and scripts ask often. */
if (process.argv.length === 3 && ['--version', '-v'].includes(process.argv[2]!)) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  process.stdout.write(`${version}\n`);
} else {
  // Node keeps what it compiled for the next start; Node 20 cannot yet.
  (nodeModule as { enableCompileCache?: () => void }).enableCompileCache?.();
  // A closed pipe (mdl ls | head) is no error.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const { main } = await import('./main.js');
  await main(process.argv.slice(2));
}

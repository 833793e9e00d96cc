// `node --import ./tests/support/typescript.js x.ts`: what tests/run.js has transpiled already is read, the rest is transpiled here.
import { register } from 'node:module';

process.setSourceMapsEnabled(true);
register('./typescript-hooks.js', import.meta.url);

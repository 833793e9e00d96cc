import { fileURLToPath } from 'node:url';
import { acquireEmbedded } from '../dist/database/embedded/index.js';
import { mdl, sideBySide, timed, timeRow } from './setup.js';

/** Start-up against a bare Node; and the demo project built again with nothing changed, the server running. */
export async function measureStart(_bench, quick) {
  const times = quick ? 3 : 9;
  const node = async () => (await timed(process.execPath, ['-e', '0'])).ms;
  const [version, bare] = await sideBySide(
    times,
    async () => (await timed(process.execPath, [mdl, '--version'])).ms,
    node,
  );
  const root = fileURLToPath(new URL('..', import.meta.url));
  const options = { cwd: root, env: { ...process.env, DATABASE_URL: '' } };
  const server = await acquireEmbedded({ projectDir: root.replace(/\/$/, ''), database: 'loja' });
  try {
    await timed(process.execPath, [mdl, 'build'], options);
    const [again, bareAgain] = await sideBySide(
      times,
      async () => (await timed(process.execPath, [mdl, 'build'], options)).ms,
      node,
    );
    const [load, bareLoad] = await sideBySide(
      times,
      async () => (await timed(process.execPath, [mdl, 'load'], options)).ms,
      node,
    );
    const absolute = (what, value, limit) => ({
      what,
      measured: `${Math.round(value)} ms`,
      limit: `${Math.round(limit)} ms`,
      ratio: (value / limit).toFixed(2),
      target: '<= 400 ms',
      met: value <= 400 ? 'yes' : 'no',
    });
    return [
      timeRow('mdl --version / node -e 0', version, bare, 2),
      absolute('load again, nothing changed', load, bareLoad),
      absolute('build again, nothing changed', again, bareAgain),
    ];
  } finally {
    await server.release();
  }
}

import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** The web app of `mdl serve`: built into dist/web, served under /ui/. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: '/ui/',
  logLevel: 'warn',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: fileURLToPath(new URL('../../dist/web', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // The page's policy forbids inline scripts and styles.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    // How long plugins take is no news to who installs.
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
});

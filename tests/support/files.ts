import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openProject } from 'medallion';
import { createCompiler, standalone } from '../../dist/graph/compile.js';

const emptyConfig = `import { defineConfig } from 'medallion';\nexport default defineConfig({ name: 'p' });\n`;

/** Writes a project's files into a new folder and opens it, without any database. */
export async function openFiles(
  files: Readonly<Record<string, string>>,
  overrides: { target?: string; vars?: Record<string, unknown> } = {},
) {
  const dir = mkdtempSync(join(tmpdir(), 'mdl-files-'));
  try {
    for (const [path, text] of Object.entries({ 'medallion.config.ts': emptyConfig, ...files })) {
      mkdirSync(dirname(join(dir, path)), { recursive: true });
      writeFileSync(join(dir, path), text);
    }
    return await openProject({ dir, ...overrides });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The SQL of a model of these files, as one statement. */
export async function render(files: Record<string, string>, name = 'silver.a', overrides = {}) {
  const { project, graph } = await openFiles(files, overrides);
  return standalone(
    createCompiler(project, graph, (node) => ({
      schema: node.split('.')[0]!,
      name: node.split('.')[1]!,
    })).model(name as never),
  );
}

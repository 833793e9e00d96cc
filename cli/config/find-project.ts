import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { MedallionError } from '../errors/index.js';

const configFiles = [
  'medallion.config.ts',
  'medallion.config.mts',
  'medallion.config.js',
  'medallion.config.mjs',
];

/**
 * The nearest folder, from `startDir` upwards, that holds a configuration.
 * @throws MedallionError MDL1001
 */
export function findProjectDir(startDir: string): { projectDir: string; configFile: string } {
  for (let dir = resolve(startDir); ; dir = dirname(dir)) {
    const configFile = configFiles.find((name) => existsSync(join(dir, name)));
    if (configFile) return { projectDir: dir, configFile };
    if (dirname(dir) === dir) break;
  }
  throw new MedallionError('MDL1001', {
    message: `There is no medallion.config.ts in ${resolve(startDir)} or any folder above it.`,
  });
}

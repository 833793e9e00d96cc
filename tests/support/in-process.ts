import { main } from '../../dist/main.js';
import type { Finished } from './project.ts';

/** What a command ends with that calls `process.exit`. */
class Exit extends Error {}

let isBusy = false;

/**
 * Carries out a command in this process, which has the engine already: a process of its own costs a second of CPU, most of it to read the engine once more.
 * @param name a variable of the environment that the command sees, and its value
 * @returns undefined where another command is being carried out: a process has one standard output, and one folder that it works in
 */
export async function inProcess(
  dir: string,
  args: readonly string[],
  [name, value]: readonly [name: string, value: string],
): Promise<Finished | undefined> {
  if (isBusy) return undefined;
  isBusy = true;
  const before = {
    cwd: process.cwd(),
    argv: process.argv,
    exitCode: process.exitCode,
    value: process.env[name],
    exit: process.exit,
    out: process.stdout.write,
    err: process.stderr.write,
  };
  let [stdout, stderr] = ['', ''];
  // What comes after that is of a process that would be no more.
  let exited: number | undefined;
  const collect = (add: (text: string) => void) =>
    ((text: string | Uint8Array, ...more: unknown[]) => {
      if (exited === undefined) add(typeof text === 'string' ? text : Buffer.from(text).toString());
      const done = more.at(-1);
      if (typeof done === 'function') process.nextTick(done as () => void);
      return true;
    }) as typeof process.stdout.write;
  try {
    process.chdir(dir);
    process.argv = [process.argv[0]!, 'mdl', ...args];
    process.env[name] = value;
    process.exitCode = undefined;
    process.stdout.write = collect((text) => (stdout += text));
    process.stderr.write = collect((text) => (stderr += text));
    process.exit = ((code?: number) => {
      exited ??= code ?? Number(process.exitCode ?? 0);
      throw new Exit();
    }) as typeof process.exit;
    await main(args).catch((error: unknown) => {
      if (!(error instanceof Exit)) throw error;
    });
    return { code: exited ?? Number(process.exitCode ?? 0), stdout, stderr };
  } finally {
    process.stdout.write = before.out;
    process.stderr.write = before.err;
    process.exit = before.exit;
    process.argv = before.argv;
    process.exitCode = before.exitCode;
    if (before.value === undefined) delete process.env[name];
    else process.env[name] = before.value;
    process.chdir(before.cwd);
    isBusy = false;
  }
}

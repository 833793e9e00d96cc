import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process, told apart from a later one that got the same number. */
export function processIdentity(pid: number): string | undefined {
  try {
    // Field 22 of /proc/<pid>/stat is the start time; the command before it may hold spaces and parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${pid} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    try {
      process.kill(pid, 0);
      return `${pid} ?`;
    } catch {
      return undefined;
    }
  }
}

/** Whether the process that wrote this identity still runs. */
export function isAlive(identity: string): boolean {
  const pid = Number(identity.split(' ')[0]);
  return Number.isInteger(pid) && pid > 0 && processIdentity(pid) === identity;
}

/** Runs `work` while no other process does so with the same file; a holder that was killed is recognised and overruled. */
export async function withMutex<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  for (let tries = 0; ; tries++) {
    try {
      const handle = openSync(file, 'wx');
      writeSync(handle, processIdentity(process.pid)!);
      closeSync(handle);
      break;
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error;
      if (isStale(file, tries)) rmSync(file, { force: true });
      else await sleep(5 + Math.random() * 10);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

function isStale(file: string, tries: number): boolean {
  try {
    const holder = readFileSync(file, 'utf8');
    // Empty: its maker is between creating and writing; after a while it must have been killed there.
    return holder === '' ? tries > 50 : !isAlive(holder);
  } catch {
    return false;
  }
}

import { readFileSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { dirname } from 'node:path';

/** The operating system's user that the server runs as. */
export interface ServerUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** True where mdl runs as root and the server must not. */
  readonly isOther: boolean;
}

/** Postgres refuses to run as root: then it runs as `postgres` if there is such a user, else as `nobody`. */
export function serverUser(): ServerUser {
  const own = userInfo();
  if (own.uid !== 0) return { name: own.username, uid: own.uid, gid: own.gid, isOther: false };
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length > 3);
  const chosen = users.find(([name]) => name === 'postgres') ?? users.find(([name]) => name === 'nobody');
  // initdb fails for a uid without a name: 65534 is `nobody` wherever there is one.
  return {
    name: chosen?.[0] ?? 'nobody',
    uid: Number(chosen?.[2] ?? 65534),
    gid: Number(chosen?.[3] ?? 65534),
    isOther: true,
  };
}

/** Whether the user may enter a folder and every folder above it. */
export function canTraverse(path: string, user: ServerUser): boolean {
  if (!user.isOther) return true;
  for (let dir = path; ; dir = dirname(dir)) {
    const { mode, uid, gid } = statSync(dir);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (dirname(dir) === dir) return true;
  }
}

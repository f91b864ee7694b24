import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** PostgreSQL refuses to run as root, so root hands it to `nobody` (65534 on every Linux distribution and in Docker). */
export type ProcessUser = { uid: number; gid: number };

/** The user a store has to run as, or undefined to stay who we are. */
export function unprivilegedUser(): ProcessUser | undefined {
  return process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;
}

/** True if `user` can walk down to `folder`: each existing folder on the way is open to "others" or is the user's own. */
export function isReachable(folder: string, user: ProcessUser | undefined): boolean {
  if (!user) return true;
  for (let at = path.resolve(folder); ; at = path.dirname(at)) {
    const stat = fs.statSync(at, { throwIfNoEntry: false });
    if (stat && stat.uid !== user.uid && (stat.mode & 0o001) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

/** The first temporary folder of this machine that `user` can reach. */
export function reachableTempDir(user: ProcessUser | undefined): string {
  return [os.tmpdir(), '/tmp', '/var/tmp'].find((folder) => isReachable(folder, user)) ?? os.tmpdir();
}

/** A fresh empty folder that belongs to `user`. */
export function makeWorkDir(prefix: string, user: ProcessUser | undefined): string {
  const folder = fs.mkdtempSync(path.join(reachableTempDir(user), prefix));
  if (user) fs.chownSync(folder, user.uid, user.gid);
  return folder;
}

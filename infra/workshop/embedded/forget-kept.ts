import fs from 'node:fs';
import path from 'node:path';

/**
 * Takes away what `npm start` keeps in `folder` beside its PostgreSQL, which is emptied as it starts: the secrets, and
 * the photographs of deliveries, unless those belong to a database of somebody's own, which is left as it is.
 */
export function forgetKept(folder: string, isOwnDatabase: boolean): void {
  fs.rmSync(path.join(folder, 'secrets.json'), { force: true });
  if (isOwnDatabase) fs.rmSync(path.join(folder, 'proofs'), { recursive: true, force: true });
}

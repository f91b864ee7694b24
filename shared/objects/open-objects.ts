import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DependencyAway } from '../domain/away.ts';
import type { Config } from '../runtime/config.ts';
import type { ObjectStore } from './object-store.ts';
import { openS3 } from './open-s3.ts';

const KEY = /^[A-Za-z0-9-][A-Za-z0-9._-]*(\/[A-Za-z0-9-][A-Za-z0-9._-]*)*$/;

/** The store that is configured: a bucket, or else a directory. */
export function openObjects({ directory, s3 }: Config['proofs']): ObjectStore {
  const { put, get, remove } = s3 === null ? openDirectory(directory) : openS3(s3);
  const checked = (key: string) => {
    if (!KEY.test(key)) throw new RangeError('not a key of an object');
    return key;
  };
  return {
    put: async (key, bytes) => put(checked(key), bytes),
    get: async (key) => get(checked(key)),
    remove: async (key) => remove(checked(key)),
  };
}

/** No key leads there. */
const UNFINISHED = '.unfinished';
/** No write takes so long: what is older was left by a process that ended in it. */
const LEFT_AFTER_MS = 3_600_000;

/** Made at the first write. A reader never sees half a file. */
function openDirectory(directory: string): ObjectStore {
  const fileOf = (key: string) => path.join(directory, key);
  const drafts = path.join(directory, UNFINISHED);
  return {
    async put(key, bytes) {
      const file = fileOf(key);
      await Promise.all([mkdir(path.dirname(file), { recursive: true }), mkdir(drafts, { recursive: true })]);
      const draft = path.join(drafts, randomUUID());
      try {
        await writeFile(draft, bytes, { mode: 0o600 });
        await rename(draft, file);
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
    },
    async get(key) {
      try {
        return await readFile(fileOf(key));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
    async remove(key) {
      // A directory that is not there was not mounted, or its name is wrong: nothing in it counts as removed.
      await stat(directory).catch((error: unknown) => {
        throw new DependencyAway('objects', error);
      });
      await rm(fileOf(key), { force: true });
      await removeOld(drafts);
    },
  };
}

async function removeOld(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const draft = path.join(folder, name);
    const found = await stat(draft).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > LEFT_AFTER_MS) await rm(draft, { force: true });
  }
}

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../runtime/config.ts';

/** Where things too large for a table are kept. Another store than a directory has to offer these two. */
export interface ObjectStore {
  /** Replaces what was there. `key` has segments of `A-Za-z0-9._-` between slashes. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  get(key: string): Promise<Uint8Array | null>;
}

const KEY = /^[A-Za-z0-9-][A-Za-z0-9._-]*(\/[A-Za-z0-9-][A-Za-z0-9._-]*)*$/;

/** A directory, made at the first write. A reader never sees half a file. */
export function openObjects({ directory }: Config['proofs']): ObjectStore {
  const fileOf = (key: string) => {
    if (!KEY.test(key)) throw new RangeError('not a key of an object');
    return path.join(directory, key);
  };
  return {
    async put(key, bytes) {
      const file = fileOf(key);
      await mkdir(path.dirname(file), { recursive: true });
      const unfinished = `${file}.${process.pid}.${performance.now()}`;
      await writeFile(unfinished, bytes, { mode: 0o600 });
      await rename(unfinished, file);
    },
    async get(key) {
      try {
        return await readFile(fileOf(key));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
        throw error;
      }
    },
  };
}

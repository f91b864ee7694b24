import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Config } from '../runtime/config.ts';
import type { ObjectStore } from './object-store.ts';
import { openS3 } from './open-s3.ts';

const KEY = /^[A-Za-z0-9-][A-Za-z0-9._-]*(\/[A-Za-z0-9-][A-Za-z0-9._-]*)*$/;

/** The store that is configured: a bucket, or else a directory. */
export function openObjects({ directory, s3 }: Config['proofs']): ObjectStore {
  const { put, get } = s3 === null ? openDirectory(directory) : openS3(s3);
  const checked = (key: string) => {
    if (!KEY.test(key)) throw new RangeError('not a key of an object');
    return key;
  };
  return {
    put: async (key, bytes) => put(checked(key), bytes),
    get: async (key) => get(checked(key)),
  };
}

/** Made at the first write. A reader never sees half a file. */
function openDirectory(directory: string): ObjectStore {
  const fileOf = (key: string) => path.join(directory, key);
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

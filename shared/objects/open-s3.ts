import { DependencyAway } from '../domain/away.ts';
import type { S3Credentials } from '../runtime/config.ts';
import type { ObjectStore } from './object-store.ts';
import { type S3Request, signS3 } from './sign-s3.ts';

const TIMEOUT_MS = 2_500;

interface Answered {
  ok: boolean;
  status: number;
  bytes: Uint8Array;
}

/**
 * A bucket of S3, or of anything that speaks it.
 * @param options.url of the bucket, with a prefix if there is one: `https://photos.s3.eu-central-1.amazonaws.com/proofs`
 */
export function openS3(options: { url: string; credentials: S3Credentials }): ObjectStore {
  /** Read in full: a bucket may also go away, or take too long, in the middle of its answer. */
  const ask = async (method: S3Request['method'], key: string, body: Uint8Array): Promise<Answered> => {
    const url = new URL(`${options.url.replace(/\/$/, '')}/${key}`);
    const headers = signS3({ method, url, body }, options.credentials, Date.now());
    const sent = method === 'PUT' ? { body: Buffer.from(body) } : {};
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const response = await fetch(url, { method, headers, ...sent, signal, redirect: 'error' });
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { ok: response.ok, status: response.status, bytes };
    } catch (error) {
      throw new DependencyAway('objects', error);
    }
  };
  const refuse = (status: number) => new DependencyAway('objects', new Error(`the object store answers ${status}`));
  return {
    async put(key, bytes) {
      const { ok, status } = await ask('PUT', key, bytes);
      if (!ok) throw refuse(status);
    },
    async get(key) {
      const { ok, status, bytes } = await ask('GET', key, new Uint8Array());
      if (status === 404) return null;
      if (!ok) throw refuse(status);
      return bytes;
    },
    async remove(key) {
      const { ok, status } = await ask('DELETE', key, new Uint8Array());
      if (!ok && status !== 404) throw refuse(status);
    },
  };
}

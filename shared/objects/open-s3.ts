import { DependencyAway } from '../domain/away.ts';
import type { S3Credentials } from '../runtime/config.ts';
import type { ObjectStore } from './object-store.ts';
import { type S3Request, signS3 } from './sign-s3.ts';

const TIMEOUT_MS = 2_500;

/**
 * A bucket of S3, or of anything that speaks it.
 * @param options.url of the bucket, with a prefix if there is one: `https://photos.s3.eu-central-1.amazonaws.com/proofs`
 */
export function openS3(options: { url: string; credentials: S3Credentials }): ObjectStore {
  const ask = async (method: S3Request['method'], key: string, body: Uint8Array): Promise<Response> => {
    const url = new URL(`${options.url.replace(/\/$/, '')}/${key}`);
    const headers = signS3({ method, url, body }, options.credentials, Date.now());
    const sent = method === 'PUT' ? { body: Buffer.from(body) } : {};
    try {
      return await fetch(url, { method, headers, ...sent, signal: AbortSignal.timeout(TIMEOUT_MS), redirect: 'error' });
    } catch (error) {
      throw new DependencyAway('objects', error);
    }
  };
  const refuse = (status: number) => new DependencyAway('objects', new Error(`the object store answers ${status}`));
  return {
    async put(key, bytes) {
      const response = await ask('PUT', key, bytes);
      await response.arrayBuffer();
      if (!response.ok) throw refuse(response.status);
    },
    async get(key) {
      const response = await ask('GET', key, new Uint8Array());
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (response.status === 404) return null;
      if (!response.ok) throw refuse(response.status);
      return bytes;
    },
    async remove(key) {
      const response = await ask('DELETE', key, new Uint8Array());
      await response.arrayBuffer();
      if (!response.ok && response.status !== 404) throw refuse(response.status);
    },
  };
}

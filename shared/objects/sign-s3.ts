import { createHash, createHmac } from 'node:crypto';
import type { S3Credentials } from '../runtime/config.ts';

export interface S3Request {
  method: 'GET' | 'PUT' | 'DELETE';
  /** Its path is already as S3 wants it: characters that need no encoding. */
  url: URL;
  body: Uint8Array;
  /** Further headers to sign, names in lower case. */
  headers?: Readonly<Record<string, string>>;
}

const hash = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const mac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

/**
 * The headers with which S3 and its likes take a request: AWS Signature Version 4, payload signed. Forty lines instead
 * of a library of three megabytes. ("Authenticating Requests: Using the Authorization Header", Amazon S3 API Reference;
 * tested with its example.)
 */
export function signS3(request: S3Request, credentials: S3Credentials, nowMs: number): Record<string, string> {
  const stamp = new Date(nowMs).toISOString().replace(/[-:]|\.\d{3}/g, '');
  const day = stamp.slice(0, 8);
  const payload = hash(request.body);
  const headers: Record<string, string> = {
    ...request.headers,
    host: request.url.host,
    'x-amz-content-sha256': payload,
    'x-amz-date': stamp,
    ...(credentials.sessionToken !== null && { 'x-amz-security-token': credentials.sessionToken }),
  };
  const names = Object.keys(headers).sort();
  const signed = names.join(';');
  const lines = names.map((name) => `${name}:${headers[name]!.trim()}\n`).join('');
  const canonical = [request.method, request.url.pathname, '', lines, signed, payload].join('\n');
  const scope = `${day}/${credentials.region}/s3/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', stamp, scope, hash(canonical)].join('\n');
  const key = [credentials.region, 's3', 'aws4_request'].reduce(mac, mac(`AWS4${credentials.secretAccessKey}`, day));
  const signature = mac(key, text).toString('hex');
  const { host: _, ...sent } = headers;
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope},SignedHeaders=${signed},Signature=${signature}`,
  };
}

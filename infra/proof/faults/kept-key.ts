import { createHash } from 'node:crypto';

/** Under what the result of a request is kept: `dispatch.digest` of whose key it is and the key. */
export function keptKey(scope: string, key: string): string {
  const hex = createHash('sha256').update(`${scope} ${key}`).digest('hex');
  return hex.slice(0, 32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

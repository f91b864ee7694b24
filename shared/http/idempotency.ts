import { createHash } from 'node:crypto';
import type { IdempotencyClaim } from '../domain/command.ts';
import type { Principal } from './principal.ts';
import { type HttpHeaders, invalid } from './problem.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * The claim a request makes with its `Idempotency-Key`; `null` without one, on a reading method, and without a
 * principal (webhooks bring their own message id).
 * @throws Problem `invalid`, pointing at `/headers/idempotency-key`
 */
export function readClaim(
  request: { method: string; path: string; headers: HttpHeaders; body: Uint8Array },
  principal: Principal | null,
): IdempotencyClaim | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined || principal === null || SAFE_METHODS.has(request.method)) return null;
  if (!/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw invalid([{ pointer: '/headers/idempotency-key', detail: 'Must be 1 to 255 visible ASCII characters' }]);
  }
  return { scope: scopeOf(principal), key, requestSha256: requestHash(request.method, request.path, request.body) };
}

/** SHA-256, in hex, over method, path and the body's bytes, each told apart from the next by a line feed. */
export function requestHash(method: string, path: string, body: Uint8Array): string {
  return createHash('sha256').update(`${method}\n${path}\n`).update(body).digest('hex');
}

/** `headers`, and the mark that this answer was given before. */
export function replayed(headers: HttpHeaders = {}): HttpHeaders {
  return { ...headers, 'idempotent-replayed': 'true' };
}

function scopeOf(principal: Principal): string {
  switch (principal.kind) {
    case 'operator':
      return 'operator';
    case 'shop':
      return `shop:${principal.shopId}`;
    case 'driver':
      return `driver:${principal.driverId}`;
  }
}

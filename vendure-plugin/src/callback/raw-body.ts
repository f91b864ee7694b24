import type { IncomingMessage, ServerResponse } from 'node:http';
import { Logger } from '@vendure/core';
import { loggerCtx } from '../constants';

const LIMIT_BYTES = 64 * 1024;
const READ_BEFORE =
  'Something has read the body of a callback before its signature could be checked: a middleware that stands before the plugin’s own in apiOptions.middleware. Let it leave out this path, or come later.';

/**
 * Keeps the bytes as they came: a signature is of bytes, not of what JSON makes of them. Runs before any body parser, the
 * shop's and Nest's own, which find the stream at its end and leave it alone.
 */
export function keepRawBody(
  request: IncomingMessage & { rawBody?: Buffer; body?: unknown; _body?: boolean },
  response: ServerResponse,
  next: (error?: unknown) => void,
): void {
  if (request.readableEnded) {
    // Its end has come and comes no more: who waited for it would never answer.
    Logger.error(READ_BEFORE, loggerCtx);
    refuse(response, 500, 'The body was read before its signature could be checked; see the log of the shop');
    return;
  }
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= LIMIT_BYTES) chunks.push(chunk);
  });
  request.on('error', next);
  request.on('end', () => {
    if (length > LIMIT_BYTES) return refuse(response, 413, 'The body is too large', { connection: 'close' });
    request.rawBody = Buffer.concat(chunks);
    request.body = {};
    request._body = true;
    next();
  });
}

function refuse(response: ServerResponse, status: number, error: string, headers: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify({ error }));
}

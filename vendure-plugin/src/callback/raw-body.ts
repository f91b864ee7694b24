import type { IncomingMessage, ServerResponse } from 'node:http';

const LIMIT_BYTES = 64 * 1024;

/**
 * Keeps the bytes as they came: a signature is of bytes, not of what JSON makes of them. Runs before Nest's own body
 * parser, which finds the stream at its end and leaves it alone.
 */
export function keepRawBody(
  request: IncomingMessage & { rawBody?: Buffer; body?: unknown; _body?: boolean },
  response: ServerResponse,
  next: (error?: unknown) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= LIMIT_BYTES) chunks.push(chunk);
  });
  request.on('error', next);
  request.on('end', () => {
    if (length > LIMIT_BYTES) {
      response.writeHead(413, { 'content-type': 'application/json', connection: 'close' });
      response.end('{"error":"The body is too large"}');
      return;
    }
    request.rawBody = Buffer.concat(chunks);
    request.body = {};
    request._body = true;
    next();
  });
}

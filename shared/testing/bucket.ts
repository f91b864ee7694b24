import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A bucket as S3 has one, as far as photographs need it. */
export interface Bucket {
  url: string;
  /** By path. */
  kept: Map<string, Buffer>;
  /** Session tokens that came. */
  tokens: Set<unknown>;
  close(): Promise<void>;
}

/** Refuses unsigned requests, and whatever ends in `forbidden`. */
export async function openBucket(): Promise<Bucket> {
  const kept = new Map<string, Buffer>();
  const tokens = new Set<unknown>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    tokens.add(request.headers['x-amz-security-token']);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '';
      const isSigned = request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 ') ?? false;
      if (!isSigned || path.endsWith('forbidden')) return response.writeHead(403).end();
      if (request.method === 'DELETE') return response.writeHead(kept.delete(path) ? 204 : 404).end();
      if (request.method === 'PUT') kept.set(path, Buffer.concat(chunks));
      const found = kept.get(path);
      response.writeHead(found ? 200 : 404).end(found);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/bucket/proofs/`,
    kept,
    tokens,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

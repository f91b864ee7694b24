import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Random } from './city.ts';
import type { DispatchEvent, Ledger } from './ledger.ts';

/** Where the shop's webhooks go while the demo runs; by this path a later run knows a leftover of a killed one. */
export const RECEIVER_PATH = '/demo-receiver';
const BODY_MAX = 256 * 1024;

export interface Receiver {
  url: string;
  /** From now on every answer arrives. */
  beReliable(): void;
  close(): Promise<void>;
}

/**
 * The shop's side: takes webhooks on loopback and lets the ledger judge them. A few answers are lost on purpose (503
 * after the message was taken), so that the service has to send those again.
 * @param options.lose share of first answers that are lost, 0..1
 */
export async function startReceiver(
  ledger: Ledger,
  options: { lose: number; random: Random; heard: (event: DispatchEvent) => void },
): Promise<Receiver> {
  let { lose } = options;
  const server = createServer((request, response) => {
    void readAll(request).then((body) => {
      if (body === null || request.url !== RECEIVER_PATH) return void response.writeHead(404).end();
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const taken = ledger.take({ headers, body, nowMs: Date.now() });
      if (taken.kind === 'refused') return void response.writeHead(401).end();
      if (taken.kind === 'new') options.heard(taken.event);
      response.writeHead(taken.kind === 'new' && options.random() < lose ? 503 : 204).end();
    });
  });
  server.keepAliveTimeout = 65_000;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${RECEIVER_PATH}`,
    beReliable: () => {
      lose = 0;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @returns null when the sender left, or sent too much */
async function readAll(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      bytes += part.length;
      if (bytes > BODY_MAX) return null;
      parts.push(part);
    }
    return Buffer.concat(parts);
  } catch {
    return null;
  }
}

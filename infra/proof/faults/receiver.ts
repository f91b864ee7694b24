import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import type { OutboxFact } from './facts.ts';
import type { Arrival } from './history.ts';

export type ReceiverMode = 'ok' | 'down' | 'error' | 'silent' | 'too_many' | 'redirect' | 'drip' | 'huge' | 'gone';

/** The endpoints of all shops of the bench; each can misbehave by itself. */
export interface Receiver {
  urlOf(shop: string): string;
  /** Signatures of this shop are verified with the reference library and this secret. */
  expect(shop: string, secret: string): void;
  set(shop: string, mode: ReceiverMode): void;
  arrivals: Arrival[];
  /** What the events said that were taken: they leave the outbox. */
  told: OutboxFact[];
  redirectsFollowed(): number;
  close(): void;
}

export async function openReceiver(): Promise<Receiver> {
  const modes = new Map<string, ReceiverMode>();
  const secrets = new Map<string, Webhook>();
  const arrivals: Arrival[] = [];
  const told: OutboxFact[] = [];
  let redirectsFollowed = 0;
  const server = createServer(async (request, response) => {
    const shop = request.url?.slice('/hook/'.length) ?? '';
    if (!request.url?.startsWith('/hook/')) {
      redirectsFollowed += 1;
      return void response.end();
    }
    const mode = modes.get(shop) ?? 'ok';
    if (mode === 'down') return void request.socket.resetAndDestroy();
    const body = await read(request);
    if (body === null) return;
    const accepted = mode === 'ok' || mode === 'drip' || mode === 'huge';
    arrivals.push({ ...arrivalOf(request, body, secrets.get(shop)), shop, accepted });
    if (accepted) told.push(toldBy(body));
    answer(mode, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    urlOf: (shop) => `http://127.0.0.1:${port}/hook/${shop}`,
    expect: (shop, secret) => void secrets.set(shop, new Webhook(secret)),
    set: (shop, mode) => void modes.set(shop, mode),
    arrivals,
    told,
    redirectsFollowed: () => redirectsFollowed,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function read(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  } catch {
    return null;
  }
}

function arrivalOf(
  request: IncomingMessage,
  body: Buffer,
  secret: Webhook | undefined,
): Omit<Arrival, 'shop' | 'accepted'> {
  const text = body.toString('utf8');
  const event = JSON.parse(text) as { deliveryId: string; sequence: number; event: string };
  let signatureOk = true;
  try {
    secret?.verify(text, request.headers as Record<string, string>);
  } catch {
    signatureOk = false;
  }
  return {
    atMs: Date.now(),
    webhookId: String(request.headers['webhook-id']),
    deliveryId: event.deliveryId,
    sequence: event.sequence,
    event: event.event,
    bodySha: createHash('sha256').update(body).digest('base64url'),
    signatureOk,
  };
}

function toldBy(body: Buffer): OutboxFact {
  const event = JSON.parse(body.toString('utf8')) as Record<'id' | 'deliveryId', string> & {
    sequence: number;
    plannedDropoffAt: string | null;
  };
  const { id, deliveryId, sequence, plannedDropoffAt } = event;
  const plannedDropoffMs = plannedDropoffAt === null ? null : Date.parse(plannedDropoffAt);
  return { id, deliveryId, seq: sequence, sent: true, plannedDropoffMs };
}

function answer(mode: ReceiverMode, response: ServerResponse): void {
  switch (mode) {
    case 'ok':
    case 'down':
      return void response.end('thanks');
    case 'error':
      return void response.writeHead(500).end();
    case 'gone':
      return void response.writeHead(410).end();
    case 'too_many':
      return void response.writeHead(429, { 'retry-after': '2' }).end();
    case 'redirect':
      return void response.writeHead(302, { location: '/elsewhere' }).end();
    case 'silent':
      return;
    case 'drip': {
      response.write('.');
      const timer = setInterval(() => response.write('.'), 1_000);
      return void response.on('close', () => clearInterval(timer));
    }
    case 'huge':
      pour(response, 1024 ** 3);
  }
}

/** A gigabyte, as fast as it is taken. */
function pour(response: ServerResponse, leftBytes: number): void {
  const chunk = Buffer.alloc(64 * 1024, 'x');
  for (let left = leftBytes; left > 0; left -= chunk.length) {
    if (response.destroyed) return;
    if (!response.write(chunk)) return void response.once('drain', () => pour(response, left - chunk.length));
  }
  response.end();
}

import { createECDH, type ECDH, randomBytes } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import ece from 'http_ece';
import { importJWK, jwtVerify } from 'jose';

/** What came for one browser: its payload as the browser reads it, and what its push service reads. */
export interface Pushed {
  payload: Record<string, unknown>;
  ttlS: number;
  topic: string | undefined;
  /** The key that signed for it. */
  publicKey: string;
}

export interface TestPhone {
  /** As `PushSubscription.toJSON()` gives it. */
  subscription: { endpoint: string; keys: { p256dh: string; auth: string } };
  told: Pushed[];
}

export interface TestPushService {
  phone(): TestPhone;
  /** What it answers from now on, instead of 201; `never` leaves a request without an answer. */
  answer(status: number | 'never'): void;
  /** Requests that came, answered or not. */
  asked(): number;
  close(): Promise<void>;
}

/** A push service on loopback with browsers that decipher what comes: a wrong key, signature or coding is a 400. */
export async function openPushService(): Promise<TestPushService> {
  const phones = new Map<string, { phone: TestPhone; key: ECDH }>();
  let status: number | 'never' = 201;
  let asked = 0;
  const server = http.createServer(async (request, response) => {
    asked += 1;
    const found = phones.get(request.url ?? '');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (status === 'never') return;
    if (status !== 201 || found === undefined) {
      response.writeHead(status === 201 ? 404 : status).end();
      return;
    }
    try {
      found.phone.told.push(await read(origin, request.headers, Buffer.concat(chunks), found));
      response.writeHead(201).end();
    } catch {
      response.writeHead(400).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    phone() {
      const key = createECDH('prime256v1');
      const keys = { p256dh: key.generateKeys('base64url'), auth: randomBytes(16).toString('base64url') };
      const path = `/send/${randomBytes(8).toString('hex')}`;
      const phone = { subscription: { endpoint: origin + path, keys }, told: [] };
      phones.set(path, { phone, key });
      return phone;
    },
    answer: (next) => {
      status = next;
    },
    asked: () => asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

async function read(
  origin: string,
  headers: http.IncomingHttpHeaders,
  body: Buffer,
  { phone, key }: { phone: TestPhone; key: ECDH },
): Promise<Pushed> {
  const [, token = '', publicKey = ''] = /^vapid t=(.+), k=(.+)$/.exec(headers.authorization ?? '') ?? [];
  const point = Buffer.from(publicKey, 'base64url');
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'));
  await jwtVerify(token, await importJWK({ kty: 'EC', crv: 'P-256', x: x!, y: y! }, 'ES256'), { audience: origin });
  const { auth } = phone.subscription.keys;
  const clear = ece.decrypt(body, { version: 'aes128gcm', privateKey: key, authSecret: auth });
  return {
    payload: JSON.parse(clear.toString('utf8')) as Record<string, unknown>,
    ttlS: Number(headers.ttl),
    topic: headers.topic as string | undefined,
    publicKey,
  };
}

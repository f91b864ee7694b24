import { deepEqual } from 'node:assert/strict';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import * as v from 'valibot';
import { webhookEvent } from '#shared/contract/webhook-event.ts';

export interface Received {
  headers: http.IncomingHttpHeaders;
  body: string;
}
/** What the receiver does with its n-th request (from 1): a status, or `never` to leave it without an answer. */
export type Behaviour = (
  request: Received,
  n: number,
) => number | 'never' | { status: number; headers: Record<string, string> };

export interface Receiver {
  url: string;
  received: Received[];
  /** Those it answered with 2xx. */
  accepted: Received[];
  /** @throws AssertionError if an event that came is not as the contract says */
  close(): Promise<void>;
}

/** All that the contract names, and nothing that it does not. */
const PROMISED = v.strictObject(webhookEvent.entries);

/** @returns what is not as the contract says of an event; a ping is none, and what a test made up names none */
function unpromised({ body }: Received): string[] {
  const said: unknown = JSON.parse(body);
  if (typeof said !== 'object' || said === null || !('event' in said) || said.event === 'PING_V1') return [];
  const { issues = [] } = v.safeParse(PROMISED, said);
  return issues.map((issue) => `${said.event}: ${v.getDotPath(issue)} ${issue.message}`);
}

/** A shop's endpoint on loopback, with real HTTP and any behaviour. */
export async function openReceiver(behave: Behaviour = () => 200): Promise<Receiver> {
  const received: Received[] = [];
  const accepted: Received[] = [];
  const server = http.createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      const each = { headers: request.headers, body };
      received.push(each);
      const answer = behave(each, received.length);
      if (answer === 'never') return;
      const { status, headers } = typeof answer === 'number' ? { status: answer, headers: {} } : answer;
      if (status < 300) accepted.push(each);
      response.writeHead(status, headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    accepted,
    close: async () => {
      server.closeAllConnections();
      await promisify(server.close.bind(server))();
      deepEqual(received.flatMap(unpromised), []);
    },
  };
}

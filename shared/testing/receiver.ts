import http from 'node:http';
import type { AddressInfo } from 'node:net';

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
  close(): Promise<void>;
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
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

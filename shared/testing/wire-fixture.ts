import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type HttpBindings, serve } from '@hono/node-server';
import { Hono } from 'hono';
import * as v from 'valibot';
import { DependencyAway } from '#shared/domain/away.ts';
import type { HostDeps } from '#shared/http/dispatch.ts';
import { type Answer, endpoint } from '#shared/http/endpoint.ts';
import { lambda } from '#shared/http/lambda.ts';
import { type MountOptions, mount, SERVER_OPTIONS } from '#shared/http/node.ts';
import type { Authenticate } from '#shared/http/principal.ts';
import { type HttpResponse, Problem } from '#shared/http/problem.ts';
import { openLog } from '#shared/runtime/log.ts';
import { type LambdaAsk, toEvent } from './lambda-event.ts';

/** Endpoints of every kind, and the two hosts around them, for the tests of the wire. */

export const ID = '0190b5a0-0000-7000-8000-000000000001';
const Thing = v.object({
  name: v.pipe(v.string(), v.maxLength(100)),
  at: v.object({ lat: v.pipe(v.number(), v.minValue(-85), v.maxValue(85)), lon: v.number() }),
  tags: v.optional(v.array(v.union([v.string(), v.object({ label: v.string() })]))),
});

/** Requests to /wait that are under way: call one to answer it. */
export const held: (() => void)[] = [];
/** The names of the things that reached their handler. */
export const handled: string[] = [];
/** More than the buffers of two sockets take. */
export const LARGE = new Uint8Array(16 * 1024 * 1024);
type EchoDeps = { prefix: string };

const endpoints = [
  endpoint({
    method: 'POST',
    path: '/v1/things/:id',
    auth: ['shop:dispatch', 'driver'],
    params: v.object({ id: v.pipe(v.string(), v.uuid()) }),
    body: Thing,
    handle: ({ principal, params, body, idempotency }, deps: EchoDeps): Answer => {
      handled.push(body.name);
      return { status: 201, body: { by: `${deps.prefix}${principal.shopId}`, id: params.id, body, idempotency } };
    },
  }),
  endpoint({
    method: 'GET',
    path: '/v1/things/near',
    auth: ['shop:read'],
    query: v.object({ lat: v.pipe(v.string(), v.regex(/^-?\d+$/)), tag: v.optional(v.array(v.string())) }),
    handle: ({ query }) => ({ status: 200, body: { near: query } }),
  }),
  endpoint({
    method: 'GET',
    path: '/v1/things/:id',
    auth: ['shop:read'],
    handle: ({ params }) => ({ status: 200, body: params }),
  }),
  endpoint({ method: 'POST', path: '/v1/shops', auth: ['operator'], handle: () => ({ status: 204 }) }),
  endpoint({
    method: 'POST',
    path: '/hooks/:shop',
    auth: 'none',
    bodyLimit: 1_000,
    handle: ({ rawBody, principal }) => ({ status: 202, body: { bytes: rawBody.length, principal } }),
  }),
  endpoint({
    method: 'POST',
    path: '/photos',
    auth: ['driver', 'shop:dispatch'],
    bodyLimit: 2 * 1024 * 1024,
    handle: ({ rawBody }) => ({ status: 201, body: { bytes: rawBody.length } }),
  }),
  endpoint({
    method: 'POST',
    path: '/fixes',
    auth: ['driver', 'shop:dispatch'],
    keepsNothing: true,
    handle: ({ idempotency }) => ({ status: 200, body: { idempotency } }),
  }),
  endpoint({ method: 'GET', path: '/large', auth: 'none', handle: () => ({ status: 200, body: LARGE.slice() }) }),
  endpoint({ method: 'GET', path: '/large/shared', auth: 'none', handle: () => ({ status: 200, body: LARGE }) }),
  endpoint({
    method: 'GET',
    path: '/fail/:how',
    auth: 'none',
    handle: ({ params }) => {
      if (params.how === 'away') throw new DependencyAway('postgres', new Error('password=hunter2'), 2);
      if (params.how === 'bug') throw new Error('password=hunter2');
      if (params.how === 'text') return { status: 200, body: '<p>hi</p>', headers: { 'content-type': 'text/html' } };
      throw new Problem('driver_busy', 'full', { extra: { load: 1 } });
    },
  }),
  endpoint({ method: 'GET', path: '/hang', auth: 'none', handle: () => new Promise<Answer>(() => {}) }),
  endpoint({
    method: 'GET',
    path: '/wait',
    auth: 'none',
    handle: () => new Promise<Answer>((resolve) => held.push(() => resolve({ status: 200 }))),
  }),
  endpoint({
    method: 'GET',
    path: '/alive',
    auth: 'none',
    alwaysAdmit: true,
    handle: () => ({ status: 200, body: {} }),
  }),
  endpoint({
    method: 'GET',
    path: '/spares-postgres',
    auth: 'none',
    sparesPostgres: true,
    handle: () => ({ status: 200, body: {} }),
  }),
  endpoint({
    method: 'GET',
    path: '/received',
    auth: 'none',
    handle: ({ receivedAtMs }) => ({ status: 200, body: { receivedAtMs } }),
  }),
];

const authenticate: Authenticate = async ({ authorization }) => {
  switch (authorization) {
    case 'Bearer operator':
      return { kind: 'operator' };
    case 'Bearer dispatch':
      return { kind: 'shop', shopId: 's', keyId: 'k', scopes: ['dispatch'] };
    case 'Bearer read':
      return { kind: 'shop', shopId: 's', keyId: 'k', scopes: ['read'] };
    case 'Bearer driver':
      return { kind: 'driver', shopId: 's', driverId: 'd' };
    default:
      return null;
  }
};

/** What was logged. */
export const lines: string[] = [];
const deps = {
  prefix: 'shop ',
  authenticate,
  log: openLog({ level: 'info', write: (line) => lines.push(line) }),
  clock: { nowMs: () => 0 },
};
export type Asker = (ask: LambdaAsk) => Promise<HttpResponse>;

/** The endpoints on a server of their own, on a free port of the loopback interface. */
export async function startServer(options: MountOptions = {}, more: Partial<HostDeps> = {}) {
  const app = new Hono<{ Bindings: HttpBindings }>();
  mount(app, endpoints, { ...deps, ...more }, options);
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', serverOptions: SERVER_OPTIONS });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ask: Asker = async ({ method = 'GET', path, headers = {}, body }) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, body: body ?? null });
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  };
  const stop = (): void => {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  };
  return { ask, port, stop };
}

/** The same endpoints as a Lambda handler. */
export const handler = lambda(endpoints, deps);

export const askLambda: Asker = async (ask) => {
  const result = await handler(toEvent(ask));
  const headers = Object.entries(result.headers ?? {}).map(([name, value]) => [name, String(value)]);
  return { status: result.statusCode ?? 0, headers: Object.fromEntries(headers), body: result.body ?? '' };
};

export const json = { 'content-type': 'application/json', authorization: 'Bearer dispatch' };
export const good = { name: 'a', at: { lat: 0, lon: 0 } };

/** A request to the endpoint with a body schema. */
export function post(body: string | Uint8Array, headers: Record<string, string> = json): LambdaAsk {
  return { method: 'POST', path: `/v1/things/${ID}`, headers, body };
}

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { context } from '@opentelemetry/api';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { readConfig } from '#shared/runtime/config.ts';
import { openLog } from '#shared/runtime/log.ts';
import { METRICS } from '#shared/runtime/metrics.ts';
import { openMeter } from '#shared/runtime/open-meter.ts';
import { openTracing } from '#shared/runtime/open-tracing.ts';
import { HERE, north } from '#shared/testing/builders.ts';
import { eventually } from '#shared/testing/eventually.ts';
import { openReceiver, type Receiver } from '#shared/testing/receiver.ts';
import { type TestDatabase, testDatabase, testRedis } from '#shared/testing/stores.ts';
import { startMetrics } from './metrics/index.ts';
import { type Relay, startRelay } from './relay/index.ts';
import { type RunningServer, startServer } from './server.ts';
import { openWatch } from './watch.ts';

/* The server and the relay, watched: one order, from the request to the webhook. */

const KEY = 'dk_test_secret-of-the-default-shop';
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const exporter = new InMemorySpanExporter();
let receiver: Receiver;
let database: TestDatabase;
let running: RunningServer;
let relay: Relay;
let metrics: Awaited<ReturnType<typeof startMetrics>>;
const meter = openMeter();
const lines: string[] = [];
const log = openLog({ level: 'info', write: (line) => lines.push(line) });
const tracing = openTracing({ endpoint: 'http://127.0.0.1:9', service: 'test', exporter, delayMs: 50 });

beforeAll(async () => {
  [receiver, database] = await Promise.all([openReceiver(), testDatabase()]);
  const redis = testRedis();
  const config = readConfig({
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    REDIS_PREFIX: redis.prefix,
    TOKEN_SECRET: 'a token secret for the tests, 32+',
    DEFAULT_SHOP_KEY: KEY,
    DEFAULT_SHOP_WEBHOOK_URL: receiver.url,
    WEBHOOK_ALLOW_PRIVATE: 'true',
    RELAY_INTERVAL_MS: '20',
    LOG_LEVEL: 'silent',
  });
  running = await startServer({ ...config, http: { ...config.http, host: '127.0.0.1', port: 0 } }, { meter, tracing });
  relay = startRelay(config, { meter, tracing });
  metrics = await startMetrics({ port: 0, host: '127.0.0.1' }, { ...relay.stores, meter, log });
});
afterAll(async () => {
  metrics.stop();
  await relay.stop();
  running.server.close();
  (running.server as { closeAllConnections?: () => void }).closeAllConnections?.();
  await once(running.server, 'close');
  await running.deps.close();
  await tracing.close();
  context.disable();
  await Promise.all([receiver.close(), database.drop()]);
});

async function ask(method: string, path: string, body?: object, headers: Record<string, string> = {}) {
  const response = await fetch(running.url + path, {
    method,
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of every shape
  return { status: response.status, headers: response.headers, body: (await response.json()) as any };
}
const scrape = async () => (await fetch(`http://127.0.0.1:${metrics.port}/metrics`)).text();

test('one order: its request id and trace reach the webhook, its numbers the page, its spans the collector', async () => {
  const driver = (await ask('POST', '/v1/drivers', { name: 'Asha Numbers', phone: '+49 30 99887766' })).body;
  await ask('PUT', `/v1/drivers/${driver.id}/status`, { status: 'AVAILABLE' });
  await ask('POST', `/v1/drivers/${driver.id}/location`, HERE);
  const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;
  const order = { pickup: HERE, dropoff: north(300) };
  const made = await ask('POST', '/v1/deliveries', order, { 'x-request-id': 'req-of-the-order', traceparent });
  expect(made).toMatchObject({ status: 201, body: { status: 'ASSIGNED' } });
  await eventually(async () => expect(receiver.accepted).toHaveLength(2));
  for (const { headers } of receiver.accepted) {
    expect(headers['x-request-id']).toBe('req-of-the-order');
    expect(headers.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
    expect(headers.traceparent).not.toBe(traceparent);
  }

  const text = await eventually(async () => {
    const page = await scrape();
    expect(page).toContain('dispatch_webhooks_total{outcome="sent"} 2');
    return page;
  });
  expect(text).toContain('dispatch_http_request_seconds_count{method="POST",route="/v1/deliveries",status="201"} 1');
  expect(text).toMatch(/dispatch_order_assigned_seconds_count 1\n/);
  expect(text).toMatch(/dispatch_order_assigned_seconds_count 1\n/);
  expect(text).toContain('dispatch_drivers{status="BUSY"} 1');
  expect(text).toContain('dispatch_redis_breaker{state="closed"} 1');
  expect(text).toMatch(/dispatch_postgres_connections\{state="free"\} \d/);
  expect(text).toContain('dispatch_postgres_up 1');
  expect(text).toContain('dispatch_outbox_pending{state="fresh"} 0');
  expect(text).toMatch(/dispatch_position_age_seconds\{quantile="0.95"\} \d/);
  for (const name of Object.keys(METRICS)) expect(text).toContain(`# TYPE ${name} `);

  const spans = await eventually(async () => {
    const mine = exporter.getFinishedSpans().filter((span) => span.spanContext().traceId === TRACE);
    expect(mine.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['POST /v1/deliveries', 'redis search', 'webhook POST', 'redis project']),
    );
    return mine;
  });
  expect(spans.some(({ name }) => name.startsWith('postgres '))).toBe(true);
  const told = JSON.stringify(
    exporter.getFinishedSpans().map(({ name, attributes, events }) => [name, attributes, events]),
  );
  for (const secret of ['Asha', '99887766', '52.5', KEY]) expect(told).not.toContain(secret);
});

test('a problem carries the request id; nothing invented becomes a label', async () => {
  const answer = await ask('GET', '/v1/drivers/0199f0a0-0000-7000-8000-000000000001', undefined, {
    'x-request-id': 'lost-1',
  });
  expect(answer).toMatchObject({ status: 404, body: { instance: 'urn:request:lost-1' } });
  expect(answer.headers.get('x-request-id')).toBe('lost-1');
  await fetch(`${running.url}/made/up/path`);
  expect(await scrape()).not.toContain('made/up');
});

test('a process that nobody watches loads none of it, and no Lambda carries it', async () => {
  const config = readConfig({ DATABASE_URL: database.url, TOKEN_SECRET: 'a token secret for the tests, 32+' });
  expect(await openWatch(config)).toEqual({});
  for (const name of ['register', 'locate', 'status', 'assign', 'plans', 'webhook', 'health', 'relay']) {
    const bundle = readFileSync(path.join(projectRoot(), 'dist', 'functions', `${name}.mjs`), 'utf8');
    expect(
      bundle.includes('opentelemetry') || bundle.includes('nodejs_eventloop') || bundle.includes('openapi'),
      name,
    ).toBe(false);
  }
});

test('only the page itself is served on the port, and a port that is taken costs no more than the numbers', async () => {
  expect((await fetch(`http://127.0.0.1:${metrics.port}/v1/shops`)).status).toBe(404);
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const none = await startMetrics({ port, host: '127.0.0.1' }, { ...relay.stores, meter, log });
  expect(none.port).toBeNull();
  const impossible = await startMetrics({ port: 65_600, host: '127.0.0.1' }, { ...relay.stores, meter, log });
  expect(impossible.port).toBeNull();
  impossible.stop();
  expect(lines.join()).toContain('metrics_not_served');
  none.stop();
  taken.close();
});

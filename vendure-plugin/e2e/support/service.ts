import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { eventually } from './eventually';
import { freePort } from './free-port';
import type { Json } from './json';
import { serviceRoot } from './service-files';

export const API_KEY = 'dk_e2e_0123456789abcdef0123456789abcdef';
export const SHOP_SECRET = `whsec_${Buffer.from('the-shop-signs-with-this-secret-').toString('base64')}`;
export const CALLBACK_SECRET = `whsec_${Buffer.from('the-service-signs-with-this-one!').toString('base64')}`;
/** In the middle of the map that the tests are on. */
export const PICKUP = { lat: 52.52, lon: 13.405 };

export interface Driver {
  id: string;
  name: string;
}

/** The real service: its server and its relay as processes of their own, as PM2 runs them. */
export class Service {
  private children: { server?: ChildProcess; relay?: ChildProcess } = {};
  private readonly env: Record<string, string>;
  readonly url: string;

  private constructor(port: number, env: Record<string, string>) {
    this.env = { ...env, PORT: String(port), HOST: '127.0.0.1' };
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(options: {
    databaseUrl: string;
    redisUrl: string;
    redisPrefix: string;
    shopPort: number;
  }): Promise<Service> {
    const service = new Service(await freePort(), {
      PATH: process.env.PATH ?? '',
      DATABASE_URL: options.databaseUrl,
      REDIS_URL: options.redisUrl,
      REDIS_PREFIX: options.redisPrefix,
      TOKEN_SECRET: 'a-token-secret-of-at-least-32-characters',
      DEFAULT_SHOP_KEY: API_KEY,
      DEFAULT_SHOP_SECRET: SHOP_SECRET,
      DEFAULT_SHOP_WEBHOOK_URL: `http://127.0.0.1:${options.shopPort}/driver-dispatch/callback`,
      DEFAULT_SHOP_WEBHOOK_SECRET: CALLBACK_SECRET,
      DEFAULT_SHOP_PICKUP_LAT: String(PICKUP.lat),
      DEFAULT_SHOP_PICKUP_LON: String(PICKUP.lon),
      WEBHOOK_ALLOW_PRIVATE: 'true',
      RELAY_INTERVAL_MS: '50',
      LOG_LEVEL: 'warn',
    });
    await service.startServer();
    service.startRelay();
    return service;
  }

  async startServer(): Promise<void> {
    this.children.server = this.run('server.mjs');
    await eventually(async () => {
      const { status } = await fetch(`${this.url}/health`);
      if (status !== 200) throw new Error(`health says ${status}`);
    });
  }

  startRelay(): void {
    this.children.relay = this.run('relay.mjs');
  }

  /** As a power cut would. */
  async killServer(): Promise<void> {
    await end(this.children.server, 'SIGKILL');
  }
  async stopRelay(): Promise<void> {
    await end(this.children.relay, 'SIGTERM');
  }

  async stop(): Promise<void> {
    await Promise.all([end(this.children.server, 'SIGTERM'), end(this.children.relay, 'SIGTERM')]);
  }

  private run(bundle: string): ChildProcess {
    return spawn(process.execPath, [path.join(serviceRoot, 'dist', bundle)], {
      env: this.env,
      stdio: ['ignore', process.env.LOG ? 'inherit' : 'ignore', 'inherit'],
    });
  }

  async ask<Body = Json>(method: string, route: string, body?: unknown): Promise<{ status: number; body: Body }> {
    const response = await fetch(this.url + route, {
      method,
      headers: {
        authorization: `Bearer ${API_KEY}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as Body };
  }

  /** What an order came to, or undefined. */
  async deliveryOf(sellerOrderId: string): Promise<Json> {
    const { body } = await this.ask('GET', `/v1/deliveries?${new URLSearchParams({ sellerOrderId })}`);
    return body.items[0];
  }

  /** A driver who is free at a place, for as long as the test reports them (60 s). */
  async freeDriver(name: string, at: { lat: number; lon: number }, capacity = 1): Promise<Driver> {
    const { status, body } = await this.ask('POST', '/v1/drivers', {
      name,
      phone: '+49 30 1234',
      vehicle: 'bicycle',
      capacity,
    });
    if (status !== 201) throw new Error(`registering a driver: ${status} ${JSON.stringify(body)}`);
    await this.report(body, at);
    await this.setStatus(body, 'AVAILABLE');
    return { id: body.id, name };
  }
  async report(driver: { id: string }, at: { lat: number; lon: number }): Promise<void> {
    await this.ask('POST', `/v1/drivers/${driver.id}/location`, at);
  }
  async setStatus(driver: { id: string }, status: string): Promise<void> {
    const answer = await this.ask('PUT', `/v1/drivers/${driver.id}/status`, { status });
    if (answer.status !== 200) throw new Error(`status: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
  /** As the driver's app would say it. */
  async move(deliveryId: string, status: string, more: object = {}): Promise<void> {
    const answer = await this.ask('POST', `/v1/deliveries/${deliveryId}/status`, { status, ...more });
    if (answer.status !== 200) throw new Error(`${status}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill(signal);
  await ended;
}

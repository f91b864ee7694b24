import fs from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import path from 'node:path';
import { DefaultLogger, LogLevel } from '@vendure/core';
import { freePort } from '../e2e/support/free-port';
import { type Driver, Service } from '../e2e/support/service';
import { buildService, startStores } from '../e2e/support/service-files';
import { checkout, openShop, orderOf, type Shop, shopConfig } from '../e2e/support/shop';

/*
 * `npm run dev`: a shop with products, the service, a few drivers, and a page to click on. Everything is thrown away
 * at the end.
 */

const PLACES = [
  { name: 'Anna', at: { lat: 52.5215, lon: 13.4085 } },
  { name: 'Bert', at: { lat: 52.529, lon: 13.401 } },
  { name: 'Cem', at: { lat: 52.516, lon: 13.417 } },
];
/** Within the 60 s after which a silent driver is not found any more. */
const REPORT_MS = 20_000;
const plugin = path.resolve(__dirname, '../..');

interface World {
  service: Service;
  shop: Shop;
  drivers: (Driver & { at: { lat: number; lon: number } })[];
  orders: string[];
}

async function main(): Promise<void> {
  const say = (line = '') => console.log(line);
  say('Starting PostgreSQL, Redis, the service and a shop …');
  fs.copyFileSync(path.join(plugin, 'e2e/support/products.csv'), path.join(plugin, '.dev/e2e/support/products.csv'));
  buildService();
  const stores = await startStores(['dev']);
  const shopPort = await freePort();
  const service = await Service.start({
    databaseUrl: stores.databases.dev!,
    redisUrl: stores.redisUrl,
    redisPrefix: 'dev:',
    shopPort,
  });
  const logger = new DefaultLogger({ level: LogLevel.Warn });
  const shop = await openShop(
    shopConfig(
      { port: shopPort, databaseUrl: stores.databases.dev! },
      { serviceUrl: service.url, trackingUrl: null },
      { logger },
    ),
  );
  const drivers: World['drivers'] = [];
  for (const { name, at } of PLACES) drivers.push({ ...(await service.freeDriver(name, at)), at });
  const reporting = setInterval(
    () => void Promise.all(drivers.map((driver) => service.report(driver, driver.at))).catch(() => {}),
    REPORT_MS,
  );
  const world: World = { service, shop, drivers, orders: [] };
  const page = createServer((request, response) => void answer(world, request, response));
  const port = await freePort();
  await new Promise<void>((resolve) => page.listen(port, '127.0.0.1', resolve));
  say();
  say(`  Open        http://127.0.0.1:${port}`);
  say('  Click       "Order, prepaid" or "Order, cash on delivery"; a driver has it within a second.');
  say('              Then, as the driver: "Picked up", "Delivered", "Failed"; as the shop: "Cancel the order".');
  say(`  Shop API    http://127.0.0.1:${shopPort}/shop-api`);
  say(`  Admin API   http://127.0.0.1:${shopPort}/admin-api   (superadmin / superadmin)`);
  say(`  Service     ${service.url}/health`);
  say();
  say('Ctrl-C stops everything.');
  process.once('SIGINT', () => {
    clearInterval(reporting);
    page.close();
    // Ctrl-C reaches the stores too; a shop that waits for them must not keep the terminal.
    setTimeout(() => process.exit(0), 10_000).unref();
    void shop.server
      .destroy()
      .then(() => service.stop())
      .then(() => stores.stop())
      .then(() => process.exit(0));
  });
}

async function answer(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://localhost');
  try {
    if (request.method === 'GET' && url.pathname === '/') {
      response
        .setHeader('content-type', 'text/html; charset=utf-8')
        .end(fs.readFileSync(path.join(plugin, 'dev/page.html')));
      return;
    }
    const result = request.method === 'POST' ? await act(world, url.pathname, url.searchParams) : await overview(world);
    response.setHeader('content-type', 'application/json').end(JSON.stringify(result));
  } catch (error) {
    response
      .writeHead(400, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: error instanceof Error ? error.message : 'failed' }));
  }
}

async function act({ shop, service, orders }: World, action: string, query: URLSearchParams): Promise<unknown> {
  const id = query.get('id') ?? '';
  switch (action) {
    case '/order': {
      const around = () => (Math.random() - 0.5) / 30;
      const customFields = { latitude: 52.52 + around(), longitude: 13.405 + around(), deliveryNotes: 'Ring twice' };
      const order = await checkout(shop, {
        payment: query.get('payment') === 'cash' ? 'cash' : 'prepaid',
        address: { customFields },
      });
      orders.unshift(order.id);
      return order;
    }
    case '/move':
      return service.move(
        id,
        query.get('status') ?? '',
        query.get('status') === 'FAILED' ? { failureCode: 'RECIPIENT_UNAVAILABLE' } : {},
      );
    case '/cancel':
      return shop.adminClient.query(
        (await import('graphql-tag'))
          .default`mutation ($id: ID!) { cancelOrder(input: { orderId: $id, cancelShipping: true }) { __typename } }`,
        { id },
      );
    default:
      throw new Error('There is no such action');
  }
}

async function overview({ shop, service, drivers, orders }: World) {
  return {
    orders: await Promise.all(orders.slice(0, 20).map((id) => orderOf(shop, id))),
    drivers: await Promise.all(
      drivers.map(async (driver) => ({
        name: driver.name,
        ...(await service.ask('GET', `/v1/drivers/${driver.id}/status`)).body,
      })),
    ),
  };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});

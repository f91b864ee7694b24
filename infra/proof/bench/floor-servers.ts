import { serve } from '@hono/node-server';
import { Hono } from 'hono';

/** What the server is held against: the same package, one JSON endpoint, nothing behind it. Never returns. */
function serveHono(port: number): void {
  const app = new Hono();
  app.post('/v1/drivers/:id/location', async (c) => {
    const body = await c.req.json();
    return c.json({ id: c.req.param('id'), ...body });
  });
  serve({ fetch: app.fetch, hostname: '127.0.0.1', port }, () => process.send?.('ready'));
}

const FLOORS: Record<string, (port: number) => void> = { hono: serveHono };

/** Run by the bench in a process of its own. */
export function serveFloor(name: string): void {
  const floor = FLOORS[name];
  if (floor === undefined) throw new Error(`no such floor: ${name}`);
  floor(Number(process.env.PORT));
}

import { expect } from 'vitest';
import type { DriverPrincipal } from '#shared/http/principal.ts';
import { type givenAskingShop, order } from '#shared/testing/asking-shop.ts';

/** What tests of offers say of a shop that asks its drivers. */
export function offersOfShop(given: ReturnType<typeof givenAskingShop>) {
  const { ask } = given;
  const shop = () => `/v1/shops/${given.shop.shopId}`;
  const plan = () => given.deps.dispatch.plan(given.shop.shopId);

  async function asking(mode: 'offer' | 'broadcast', more: Record<string, unknown> = {}): Promise<void> {
    const set = await ask('PATCH', shop(), { body: { dispatch: { mode, offerS: 60, ...more } } });
    expect(set).toMatchObject({ status: 200, body: { dispatch: { mode, offerS: 60 } } });
  }

  async function placed(): Promise<string> {
    return (await ask('POST', '/v1/deliveries', { body: order })).body.id;
  }

  async function delivery(id: string) {
    return (await ask('GET', `/v1/deliveries/${id}`)).body;
  }

  async function typesOf(id: string): Promise<readonly string[]> {
    return (await delivery(id)).events.map(({ type }: { type: string }) => type);
  }

  async function offersOf(driver: DriverPrincipal) {
    const { status, body } = await ask('GET', `/v1/drivers/${driver.driverId}/offers`, { as: driver });
    expect(status).toBe(200);
    return body.items;
  }

  async function only(driver: DriverPrincipal) {
    const offers = await offersOf(driver);
    expect(offers).toHaveLength(1);
    return offers[0];
  }

  const accept = (as: DriverPrincipal, id: string) => ask('POST', `/v1/offers/${id}/accept`, { as });
  const decline = (as: DriverPrincipal, id: string, reason = 'too_far') =>
    ask('POST', `/v1/offers/${id}/decline`, { as, body: { reason } });

  async function kept({ driverId }: DriverPrincipal): Promise<{ load: number; reserved: number }> {
    const [row] = await given.deps.db.run<{ load: number; reserved: number }>(
      'SELECT load, reserved FROM dispatch.driver WHERE id = $1',
      [driverId],
    );
    return row!;
  }

  /** As if this many seconds had passed. */
  async function later(seconds: number): Promise<void> {
    const { shopId } = given.shop;
    await given.deps.db.run(
      `UPDATE dispatch.offer SET expires_at = expires_at - $2::int * interval '1 s' WHERE shop_id = $1`,
      [shopId, seconds],
    );
    await given.deps.db.run(
      `UPDATE dispatch.delivery SET next_dispatch_at = next_dispatch_at - $2::int * interval '1 s' WHERE shop_id = $1`,
      [shopId, seconds],
    );
  }

  const over = (why: string) => ({ status: 409, body: { type: 'urn:problem:offer_over', why } });
  return { shop, plan, asking, placed, delivery, typesOf, offersOf, only, accept, decline, kept, later, over };
}

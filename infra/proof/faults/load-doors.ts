import type { Wish } from './ask.ts';
import type { Kind } from './history.ts';
import type { Actor } from './load.ts';
import { asShop, type Part } from './load-dispatch.ts';
import { makeDelivery, together } from './load-pairs.ts';

/**
 * A parcel that asks for the name of who takes it. Its driver is refused without, and hands it over with it, on two
 * devices at once; its customer leaves a word for the door, and says afterwards how it was, twice at once.
 */
export async function bringToTheDoor(actor: Actor): Promise<void> {
  const { ask, board, random, shop, worker } = actor;
  const made = await makeDelivery(actor, { proofRequired: ['name'] });
  if (made === null) return;
  const { id } = made;
  board.known.push(id);
  const driver = random.pick(shop.drivers.filter(({ kind }) => kind === 'single'));
  const path = `/v1/deliveries/${id}`;
  const give: Part = { method: 'POST', path: `${path}/assign`, body: { driverId: driver.id, pinned: true } };
  const given = await ask.settle(asShop(actor, 'assign_named', give, id), worker());
  // Somebody else's, or nobody's: others go on with it.
  if (given.outcome !== 'ok') return;
  const step = (body: unknown): Wish => ({
    ...asShop(actor, 'move', { method: 'POST', path: `${path}/status`, body }, id),
    headers: { authorization: `Bearer ${driver.token}` },
  });
  const customer = await openCustomer(actor, id);
  if (customer === null) return;
  await ask.settle(step({ status: 'PICKED_UP' }), worker());
  await ask.settle(customer('change', 'instructions', { doorNotes: `Door ${random.below(100)}` }), worker());
  await ask.settle(step({ status: 'DELIVERED' }), worker());
  const brought = { status: 'DELIVERED', proof: { receivedBy: 'R. Meier' } };
  await together(actor, [step(brought), step(brought)]);
  const stars = () => customer('rate', 'rating', { stars: 1 + random.below(5) });
  await together(actor, [stars(), stars()]);
}

/** Who has the link, and no key. Null where nobody could read it. */
async function openCustomer(actor: Actor, id: string) {
  const { ask, shop, worker } = actor;
  const read = asShop(actor, 'read_delivery', { method: 'GET', path: `/v1/deliveries/${id}` }, id);
  const { outcome, body } = await ask.settle(read, worker());
  if (outcome !== 'ok') return null;
  const token = (body as { trackingUrl: string }).trackingUrl.split('/').at(-1);
  return (kind: Kind, what: string, said: unknown): Wish => ({
    kind,
    shop: shop.slug,
    method: 'PUT',
    path: `/v1/track/${token}/${what}`,
    body: said,
    target: id,
  });
}

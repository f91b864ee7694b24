import { setTimeout as pause } from 'node:timers/promises';
import type { Wish } from './ask.ts';
import type { Actor } from './load.ts';

/** How long a driver thinks: some answers come when the time to answer is nearly over, or is. */
const THINKS_MS = { most: 1_500, long: 6_500 };

/**
 * A driver looks at what they are asked, thinks, and says yes, mostly, or no; now and then twice, or both. Yes and no are
 * sent again until there is an answer.
 */
export async function answerOffers(actor: Actor): Promise<void> {
  const { ask, shop, random, nextKey, worker } = actor;
  const driver = random.pick(shop.drivers.filter(({ kind }) => kind !== 'ghost'));
  const from = { shop: shop.slug, headers: { authorization: `Bearer ${driver.token}` } };
  const path = `/v1/drivers/${driver.id}/offers`;
  const asked = await ask.once({ ...from, kind: 'read_offers', method: 'GET', path, target: driver.id }, worker());
  if (asked.outcome !== 'ok') return;
  const [offer] = (asked.body as { items: readonly { id: string }[] }).items;
  if (offer === undefined) return;
  await pause(random.between(0, random.chance(0.15) ? THINKS_MS.long : THINKS_MS.most));
  const says = (step: 'accept' | 'decline'): Wish => ({
    ...from,
    kind: step,
    method: 'POST',
    path: `/v1/offers/${offer.id}/${step}`,
    ...(step === 'decline' && { body: { reason: random.pick(['too_far', 'no_time', 'other']) } }),
    key: nextKey(),
    target: offer.id,
    reported: [driver.id],
  });
  const first = says(random.chance(0.75) ? 'accept' : 'decline');
  const answers = [ask.settle(first, worker())];
  if (random.chance(0.15)) answers.push(ask.settle(first, worker()));
  if (random.chance(0.1)) answers.push(ask.settle(says(random.pick(['accept', 'decline'])), worker()));
  for (const { deliveries } of await Promise.all(answers))
    for (const { id, status } of deliveries) actor.board.active.set(id, status);
}

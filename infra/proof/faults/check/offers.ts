import type { OfferFact } from '../facts.ts';
import type { Evidence, Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';
import { groupBy } from './group-by.ts';

/** Postgres' clock against itself. */
const ROUNDING_MS = 1;

/**
 * I24: of those who are asked about a delivery at one time one has it at most, who said yes, and in time; what they were
 * told stands; and a driver's places are kept for exactly what they are asked alone.
 */
export function checkOffers(evidence: Evidence, count: Count = UNCOUNTED): Violation[] {
  const { offers, operations, deliveryEvents, drivers } = evidence;
  const found: Violation[] = [];
  const say = (what: string, example: unknown) => found.push({ invariant: 'I24', what, example });
  const answers = groupBy(
    operations.filter(({ kind }) => kind === 'accept' || kind === 'decline'),
    ({ target }) => `${target}`,
  );
  const given = groupBy(
    deliveryEvents.filter(({ type, data }) => type === 'ASSIGNED' && data?.offerId !== undefined),
    ({ data }) => `${data?.offerId}`,
  );
  for (const offer of offers) {
    const what = wrongWith(offer, answers.get(offer.id) ?? [], given.get(offer.id) ?? []);
    count(1);
    if (what !== undefined) say(what, { offer, answers: answers.get(offer.id), given: given.get(offer.id) });
  }
  const accepted = offers.filter(({ state }) => state === 'accepted');
  const rounds = accepted.flatMap((offer) =>
    offer.deliveryIds.map((id) => ({ round: `${id} ${offer.createdMs}`, offer })),
  );
  for (const [, both] of groupBy(rounds, ({ round }) => round))
    if (both.length > 1) say('two have said yes to one delivery', both);
  const open = groupBy(
    offers.filter(({ state, exclusive }) => state === 'open' && exclusive),
    ({ driverId }) => driverId,
  );
  for (const driver of drivers) {
    const kept = (open.get(driver.id) ?? []).reduce((sum, { size }) => sum + size, 0);
    if (kept !== driver.reserved) say('places are kept for nothing that they are asked', { driver, kept });
  }
  return found;
}

function wrongWith(
  { state, driverId, deliveryIds, expiresMs, endedMs }: OfferFact,
  answers: Evidence['operations'],
  given: Evidence['deliveryEvents'],
): string | undefined {
  const said = (kind: string) => answers.filter((each) => each.kind === kind);
  if (said('accept').some(({ outcome }) => outcome === 'ok') && state !== 'accepted')
    return 'a yes that was answered is not there';
  if (said('decline').some(({ outcome }) => outcome === 'ok') && state !== 'declined')
    return 'a no that was answered is not there';
  if (state === 'declined') {
    return said('decline').some(({ outcome }) => outcome !== 'fail') ? undefined : 'declined, and nobody said no';
  }
  if (state !== 'accepted') return given.length === 0 ? undefined : 'given to somebody who had not said yes';
  if (!said('accept').some(({ outcome }) => outcome !== 'fail')) return 'accepted, and nobody said yes';
  if (endedMs === null || endedMs > expiresMs + ROUNDING_MS) return 'a yes that came too late was taken';
  const theirs = given.filter((event) => event.driverId === driverId);
  const isWhole = deliveryIds.every((id) => theirs.filter((event) => event.deliveryId === id).length === 1);
  return isWhole && theirs.length === given.length ? undefined : 'a trip was not given whole to who said yes';
}

import type { OfferFact } from '../facts.ts';
import type { Evidence } from '../history.ts';
import { at, type Bad, type Check, operation } from './bad-histories.ts';
import { DELIVERY, DRIVER, goodHistory, T0 } from './good-history.ts';

const OFFER = 'offer-1';

const offer = (change: Partial<OfferFact> = {}): OfferFact => ({
  id: OFFER,
  driverId: DRIVER,
  deliveryIds: [DELIVERY],
  size: 1,
  exclusive: true,
  state: 'accepted',
  createdMs: T0 - 1_000,
  expiresMs: T0 + 44_000,
  endedMs: T0 + 2,
  ...change,
});

/** The good history, in which the driver was asked and said yes. */
export function goodOffers(): Evidence {
  const history = structuredClone(goodHistory()) as Bad;
  history.offers = [{ ...offer(), deliveryIds: [DELIVERY] }];
  Object.assign(at(history.deliveryEvents, 1), { data: { offerId: OFFER } });
  history.operations.push(operation({ kind: 'accept', key: 'k-9', target: OFFER, ids: [DRIVER] }));
  return history;
}

const first = (bad: Bad, change: Partial<OfferFact>) => void Object.assign(at(bad.offers, 0), change);

/** As BAD, from `goodOffers`, with the words that say what is wrong. */
export const BAD_OFFERS: readonly [Check, string, (bad: Bad) => void][] = [
  ['I24', 'came too late', (bad) => first(bad, { endedMs: T0 + 50_000 })],
  ['I24', 'two have said yes', (bad) => void bad.offers.push({ ...offer({ id: 'offer-2' }), deliveryIds: [DELIVERY] })],
  ['I24', 'nobody said yes', (bad) => Object.assign(at(bad.operations, -1), { outcome: 'fail', status: 409 })],
  ['I24', 'a yes that was answered', (bad) => first(bad, { state: 'expired' })],
  [
    'I24',
    'had not said yes',
    (bad) => {
      first(bad, { state: 'withdrawn' });
      Object.assign(at(bad.operations, -1), { outcome: 'unknown', status: null });
    },
  ],
  ['I24', 'not given whole', (bad) => first(bad, { deliveryIds: [DELIVERY, 'delivery-2'] })],
  ['I24', 'places are kept', (bad) => void Object.assign(at(bad.drivers, 0), { reserved: 1 })],
  [
    'I24',
    'nobody said no',
    (bad) => void bad.offers.push({ ...offer({ id: 'offer-2', state: 'declined' }), deliveryIds: [DELIVERY] }),
  ],
];

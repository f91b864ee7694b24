import { expect, test } from 'vitest';
import { type DecisionFacts, sentenceOf } from './sentence.ts';

const NAMES = new Map([
  ['a', 'Asha'],
  ['b', 'Ben'],
]);
const FACTS: DecisionFacts = {
  outcome: 'assigned',
  reason: 'must_leave',
  driverId: 'a',
  at: '2030-01-01T12:03:00Z',
  until: null,
  alternatives: [],
  ruledOut: {},
  help: [],
};
const said = (facts: Partial<DecisionFacts>) => sentenceOf({ ...FACTS, ...facts }, (id) => NAMES.get(id) ?? null);

test('who got it, why now, and what the next best would have meant', () => {
  const alternatives = [
    { driverId: 'c', extraS: 900 },
    { driverId: 'b', extraS: 240 },
  ];
  expect(said({ alternatives })).toBe(
    'Given to Asha: leaving later would have cost the customer; Ben would have meant 4 min more waiting.',
  );
  expect(said({ reason: 'at_once', alternatives: [{ driverId: 'b', extraS: -3 }] })).toBe(
    'Given to Asha: this shop gives every order at once; Ben would have been about as good.',
  );
});

test('without others it says why nobody else could, the most common reason first', () => {
  expect(said({ reason: 'nothing_to_gain', ruledOut: { too_far: 1, capacity: 3, tags: 0 } })).toBe(
    'Given to Asha: there was nothing to gain by waiting; nobody else could take it: 3 drivers had no room for it, 1 was too far away.',
  );
  expect(said({ reason: 'next_best' })).toBe(
    'Given to Asha: the best choice had just been given something else; nobody else was near.',
  );
});

test('a driver who is gone, a reason of another version: no ids, no codes', () => {
  expect(said({ driverId: 'z', reason: 'by_the_moon', alternatives: [{ driverId: 'y', extraS: 45 }] })).toBe(
    'Given to a driver; the next best driver would have meant 45 s more waiting.',
  );
  expect(said({ outcome: 'unplanned', reason: 'by_the_moon', driverId: null, ruledOut: { by_the_moon: 2 } })).toBe(
    'Nobody could take it: no driver near by had room for it.',
  );
});

test('what is held says for how long, why, and who will probably bring it', () => {
  const held = { outcome: 'held', reason: 'not_ready', until: '2030-01-01T12:20:00Z' } as const;
  expect(said(held)).toBe('Held for up to 17 min: it is not to be collected yet; Asha will probably bring it.');
  expect(said({ ...held, driverId: null, until: null })).toBe('Held: it is not to be collected yet.');
  expect(said({ ...held, reason: 'scheduled', driverId: null, until: '2030-01-02T10:08:00Z' })).toBe(
    'Left for later: nobody has to leave for it yet; it is planned in 22 h 5 min.',
  );
});

test('what a person decided says no more', () => {
  expect(said({ outcome: 'assigned', reason: 'by_hand', until: null })).toBe('Given to Asha by hand.');
});

test('what nobody could take says why, and what would help', () => {
  const facts = { outcome: 'unplanned', driverId: null } as const;
  const help = ['a driver with less in hand', 'a driver nearer to the pickup, or a larger radius'];
  expect(said({ ...facts, reason: 'route_in_hand', ruledOut: { route_in_hand: 1, too_far: 2 }, help })).toBe(
    'Nobody could take it: 2 drivers were too far away, 1 had too much in hand. What would help: a driver with less in hand; a driver nearer to the pickup, or a larger radius.',
  );
  expect(said({ ...facts, reason: 'aboard_too_long', ruledOut: { aboard_too_long: 2 } })).toBe(
    'Nobody could take it: 2 drivers would have had it aboard for too long.',
  );
  expect(said({ ...facts, reason: 'no_driver' })).toBe('Nobody could take it: no driver is on duty near by.');
});

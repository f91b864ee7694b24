import { expect, it } from 'vitest';
import { replacementOf } from './fold';

type Type = Parameters<typeof replacementOf>[0]['type'];

/** What is sent of these, each in its turn, as the outbox does it. */
function sent(...types: Type[]): string[] {
  const waiting = types.map((type, index) => ({ type, said: `${type.replace('delivery.', '')} ${index + 1}` }));
  const said: string[] = [];
  while (waiting.length > 0) {
    const [first, ...later] = waiting as [(typeof waiting)[number], ...typeof waiting];
    const next = replacementOf(first, later) ?? first;
    said.push(next.said);
    waiting.splice(0, waiting.indexOf(next) + 1);
  }
  return said;
}

it('says of several changes the last one', () => {
  expect(sent('delivery.updated')).toEqual(['updated 1']);
  expect(sent('delivery.updated', 'delivery.updated', 'delivery.updated')).toEqual(['updated 3']);
  expect(sent('delivery.requested', 'delivery.updated', 'delivery.updated')).toEqual(['requested 1', 'updated 3']);
});

it('says of what was cancelled that alone', () => {
  expect(sent('delivery.requested', 'delivery.updated', 'delivery.moved', 'delivery.cancelled')).toEqual([
    'cancelled 4',
  ]);
});

it('says what was done by hand between two changes, and what was asked for anew', () => {
  expect(sent('delivery.updated', 'delivery.moved', 'delivery.updated')).toEqual(['updated 1', 'moved 2', 'updated 3']);
  expect(sent('delivery.updated', 'delivery.updated', 'delivery.requested', 'delivery.updated')).toEqual([
    'updated 2',
    'requested 3',
    'updated 4',
  ]);
});

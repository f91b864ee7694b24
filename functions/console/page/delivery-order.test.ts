import { expect, test } from 'vitest';
import type { DeliveryView } from '#shared/contract/deliveries.ts';
import { inOrder } from './delivery-order.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 27, 12, minute)).toISOString();
const delivery = (id: string, createdAt: string, more: { dropoff?: object; [field: string]: unknown } = {}) =>
  ({
    id,
    createdAt,
    status: 'PENDING',
    dispatch: 'searching',
    unreachableSince: null,
    dropoff: {},
    ...more,
  }) as DeliveryView;
const idsOf = (...args: Parameters<typeof inOrder>) => inOrder(...args).map(({ id }) => id);

const ALL = [
  delivery('new', at(9)),
  delivery('old', at(1)),
  delivery('late', at(8), { dropoff: { before: at(20) } }),
  delivery('later', at(0), { dropoff: { before: at(30) } }),
  delivery('on-its-way', at(0), { status: 'PICKED_UP', dispatch: 'settled', dropoff: { before: at(10) } }),
  delivery('nobody-found', at(9), { dispatch: 'exhausted' }),
  delivery('failed', at(2), { status: 'FAILED', dispatch: 'settled' }),
];

test('urgent first: where a person is needed, then what has to be there first, then what has waited longest', () => {
  expect(idsOf(ALL, 'urgent')).toEqual(['failed', 'nobody-found', 'late', 'later', 'old', 'new', 'on-its-way']);
});

test('newest and oldest go by when it was ordered; equal ones by their ids', () => {
  expect(idsOf(ALL, 'oldest')).toEqual(['later', 'on-its-way', 'old', 'failed', 'late', 'new', 'nobody-found']);
  expect(idsOf(ALL, 'newest')).toEqual(['new', 'nobody-found', 'late', 'failed', 'old', 'later', 'on-its-way']);
});

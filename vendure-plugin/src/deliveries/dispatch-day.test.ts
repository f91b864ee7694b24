import type { RequestContext, TransactionalConnection } from '@vendure/core';
import { expect, it } from 'vitest';
import type { DispatchClient } from '../dispatch/dispatch-client';
import { DispatchDay } from './dispatch-day';

const NOW = new Date('2026-11-27T12:00:00.000Z');
const HOUR_MS = 3_600_000;
const delivery = (id: number, hoursAgo: number, status = 'DELIVERED') => {
  const createdAt = new Date(NOW.getTime() - hoursAgo * HOUR_MS).toISOString();
  const endedAt = status === 'DELIVERED' ? createdAt : null;
  return {
    id: String(id).padStart(5, '0'),
    sellerOrderId: null,
    status,
    driverId: null as string | null,
    dropoff: {},
    createdAt,
    endedAt,
  };
};

/** Two hundred at a time, as the service gives them. */
function pageOf<Row>(all: Row[], cursor: string | null) {
  const from = Number(cursor ?? 0);
  return { items: all.slice(from, from + 200), next: from + 200 < all.length ? String(from + 200) : null };
}

/** The day of a shop whose service has these, newest first; `asked` counts the pages that were read of it. */
function dayOf(all: ReturnType<typeof delivery>[], drivers: { id: string; name: string; active: boolean }[] = []) {
  const asked: (string | undefined)[] = [];
  const client = {
    drivers: async (cursor: string | null) => ({ status: 200, body: pageOf(drivers, cursor) }),
    deliveries: async (cursor: string | null, status?: string) => {
      asked.push(status);
      const its = all.filter((each) => status === undefined || each.status === status);
      return { status: 200, body: pageOf(its, cursor) };
    },
  };
  const day = new DispatchDay(client as unknown as DispatchClient, {} as TransactionalConnection);
  Object.assign(day, { options: { timeZone: 'UTC' } });
  const ctx = { channel: { code: '__default_channel__' } } as RequestContext;
  const ids = async () => (await day.deliveries(ctx, NOW)).map(({ id }) => Number(id));
  return { ids, asked, day, ctx };
}

it('has what was made days ago and is still to be delivered, behind all that was made since', async () => {
  const many = Array.from({ length: 400 }, (_, n) => delivery(9_000 - n, 72 + n / 10));
  const all = [delivery(9_999, 1), delivery(9_998, 2, 'PENDING'), ...many, delivery(7, 200, 'ASSIGNED')];
  expect(await dayOf(all).ids()).toEqual([9_999, 9_998, 7]);
});

it('asks once where the first page is all that there is', async () => {
  const { ids, asked } = dayOf([delivery(3, 1, 'PICKED_UP'), delivery(2, 80), delivery(1, 90, 'PENDING')]);
  expect(await ids()).toEqual([3, 1]);
  expect(asked).toEqual([undefined]);
});

it('has the drivers behind the first 200, too: their names with what they bring, and what they did today', async () => {
  const drivers = Array.from({ length: 201 }, (_, n) => ({ id: `d${n}`, name: `Driver ${n}`, active: true }));
  const { day, ctx } = dayOf([{ ...delivery(1, 1), driverId: 'd200' }], drivers);
  expect(await day.deliveries(ctx, NOW)).toMatchObject([{ driverName: 'Driver 200' }]);
  const shown = await day.drivers(ctx, NOW);
  expect(shown).toHaveLength(201);
  expect(shown.at(-1)).toMatchObject({ name: 'Driver 200', delivered: 1 });
});

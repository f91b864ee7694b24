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
    driverId: null,
    dropoff: {},
    createdAt,
    endedAt,
  };
};

/** The day of a shop whose service has these, newest first; `asked` counts the pages that were read of it. */
function dayOf(all: ReturnType<typeof delivery>[]) {
  const asked: (string | undefined)[] = [];
  const client = {
    drivers: async () => ({ body: { items: [] } }),
    deliveries: async (cursor: string | null, status?: string) => {
      asked.push(status);
      const [from, its] = [Number(cursor ?? 0), all.filter((each) => status === undefined || each.status === status)];
      const next = from + 200 < its.length ? String(from + 200) : null;
      return { status: 200, body: { items: its.slice(from, from + 200), next } };
    },
  };
  const day = new DispatchDay(client as unknown as DispatchClient, {} as TransactionalConnection);
  Object.assign(day, { options: { timeZone: 'UTC' } });
  const ctx = { channel: { code: '__default_channel__' } } as RequestContext;
  const ids = async () => (await day.deliveries(ctx, NOW)).map(({ id }) => Number(id));
  return { ids, asked };
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

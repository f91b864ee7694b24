import { expect, test } from 'vitest';
import { availabilityContract } from '#shared/availability/availability.contract.ts';
import { projection } from '#shared/availability/trial.contract.ts';
import { DependencyAway } from '#shared/domain/away.ts';
import { fakeAvailability } from './fake-availability.ts';

availabilityContract('the fake', async () => {
  const availability = fakeAvailability();
  return {
    availability,
    silence: async (shopId, ids) => {
      for (const id of ids) availability.silence(shopId, id);
    },
    flush: async () => availability.flush(),
  };
});

test('the fake falls silent by its clock, goes away and comes back', async () => {
  let nowMs = 1_000_000;
  const fake = fakeAvailability(() => nowMs);
  const search = () => fake.search('s', { center: { lat: 52.5, lon: 13.4 }, radiusM: 1_000, limit: 1 });
  await fake.markWarm('s');
  await fake.project('s', [projection('a', { seenAgeMs: 0 })]);
  nowMs += 59_999;
  expect(await search()).toHaveLength(1);
  nowMs += 1;
  expect(await search()).toEqual([]);

  let ready = 0;
  fake.onReady(() => {
    ready += 1;
  });
  fake.goAway();
  await expect(search()).rejects.toBeInstanceOf(DependencyAway);
  fake.comeBack();
  expect([ready, await search()]).toEqual([2, []]);
});

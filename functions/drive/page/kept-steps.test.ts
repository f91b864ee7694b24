import { expect, test } from 'vitest';
import { openKeptSteps } from './kept-steps.ts';
import type { OnShelf } from './shelf.ts';
import type { Step } from './steps.ts';

const STEP: Step = {
  ...{ id: 's-1', key: 's-1', driverId: 'd-1', place: 1, deliveryId: 'o-1', title: 'B-1' },
  status: 'DELIVERED',
  occurredAt: '2026-05-04T10:00:00Z',
};
const PHOTO = new Blob(['a picture'], { type: 'image/jpeg' });
const lost = () => new DOMException('Connection to Indexed Database server lost', 'UnknownError');

/** A phone that takes each step with its photograph, and whose storage can fail from some moment on. */
function openPhone() {
  const [steps, photos] = [new Map<string, Step>(), new Map<string, Blob>()];
  let isLost = false;
  const storeOf = (name: string) => ({
    put: async (value: Blob | Step, key?: string) =>
      void (value instanceof Blob ? photos.set(key!, value) : steps.set(value.id, value)),
    delete: async (id: string) => void (name === 'steps' ? steps : photos).delete(id),
  });
  const shelf = {
    getAllFromIndex: async (name: string) => (name === 'steps' ? [...steps.values()] : []),
    get: async (_: string, id: string) => photos.get(id),
    transaction: () => {
      // As IndexedDB does, before there is any promise.
      if (isLost) throw lost();
      return { objectStore: storeOf, done: Promise.resolve() };
    },
  };
  const on = (async (work: (shelf: unknown) => unknown) => {
    const answer = await work(shelf);
    if (isLost) throw lost();
    return answer;
  }) as unknown as OnShelf;
  return {
    on,
    steps,
    lose() {
      isLost = true;
    },
  };
}

test('a photograph that this phone keeps and cannot read is not none', async () => {
  const phone = openPhone();
  const kept = openKeptSteps('d-1', phone.on);
  expect(await kept.keep(STEP, PHOTO)).toBe('kept');
  expect(await kept.photoOf(STEP)).toBe(PHOTO);
  phone.lose();
  await expect(kept.photoOf(STEP)).rejects.toMatchObject({ name: 'UnknownError' });
});

test('a step that the phone never took is sent from the page, with what the page has of it', async () => {
  const phone = openPhone();
  phone.lose();
  const kept = openKeptSteps('d-1', phone.on);
  expect(await kept.keep(STEP, PHOTO)).toBe('in_page');
  expect(await kept.keep({ ...STEP, id: 's-2', place: 2 }, undefined)).toBe('in_page');
  expect(kept.waiting().map(({ id }) => id)).toEqual(['s-1', 's-2']);
  expect(await kept.photoOf(STEP)).toBe(PHOTO);
  expect(await kept.photoOf({ ...STEP, id: 's-2' })).toBeUndefined();
});

test('a step that has arrived is done with also where its shelf cannot be written at the moment', async () => {
  const phone = openPhone();
  const kept = openKeptSteps('d-1', phone.on);
  await kept.keep(STEP, undefined);
  phone.lose();
  await kept.drop(STEP, 'arrived');
  expect([kept.waiting(), kept.arrived(), phone.steps.size]).toEqual([[], [STEP], 1]);
});

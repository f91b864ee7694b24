import { type OnShelf, onShelf } from './shelf.ts';
import type { Refused, Step } from './steps.ts';

/**
 * Where a step is: on this phone; on it without its photograph, which is gone with the page; or only in the page, because
 * the phone has no room (or, `broken`, keeps nothing at all).
 */
export type KeptAs = 'kept' | 'without_photo' | 'in_page';

/** The steps of one driver as this phone and this page keep them; what is sent, and when, is decided elsewhere. */
export interface KeptSteps {
  /** Oldest first; as this page knows it. */
  waiting(): readonly Step[];
  /** Has arrived, and may be missing still in what was read from the service before. */
  arrived(): readonly Step[];
  /** These are in what was read since. */
  forget(arrived: readonly Step[]): void;
  /** What was not taken, and not read yet. */
  refused(): readonly Refused[];
  /** Reads again what another page or the worker has changed. */
  read(): Promise<void>;
  /** A new step, or one that has changed. It is among those that wait from this moment on. */
  keep(step: Step, photo: Blob | undefined): Promise<KeptAs>;
  /** @throws DOMException where this phone may have one and cannot read it */
  photoOf(step: Step): Promise<Blob | undefined>;
  /** Waits no longer: it has arrived, was given up, or was refused. */
  drop(step: Step, becomes: 'arrived' | 'given_up' | Refused): Promise<void>;
  /** The driver has read why. */
  dismiss(deliveryId: string): Promise<void>;
}

export function openKeptSteps(driverId: string, on: OnShelf = onShelf): KeptSteps {
  let kept: readonly Step[] = [];
  let refusals: readonly Refused[] = [];
  let arrived: readonly Step[] = [];
  /** Not on the phone yet, or for ever where it has no room. */
  const inPage = new Map<string, Step>();
  const photosInPage = new Map<string, Blob>();
  return {
    waiting() {
      const onPhone = kept.filter(({ id }) => !inPage.has(id));
      return [...onPhone, ...inPage.values()].sort((one, other) => one.place - other.place);
    },
    arrived: () => arrived,
    forget(these) {
      arrived = arrived.filter((step) => !these.includes(step));
    },
    refused: () => refusals,
    async read() {
      const [steps, read] = await on((shelf) =>
        Promise.all([
          shelf.getAllFromIndex('steps', 'driver', driverId),
          shelf.getAllFromIndex('refused', 'driver', driverId),
        ]),
      );
      const isRefused = (id: string) => read.some(({ deliveryId }) => deliveryId === id);
      const gone = kept.filter(({ id, deliveryId }) => !isRefused(deliveryId) && !steps.some((step) => step.id === id));
      arrived = [...arrived, ...gone.filter(({ id }) => !inPage.has(id))];
      [kept, refusals] = [steps, read];
    },
    async keep(step, photo) {
      inPage.set(step.id, step);
      if (photo) photosInPage.set(step.id, photo);
      for (const [part, as] of [
        [photo, 'kept'],
        [undefined, 'without_photo'],
      ] as const) {
        try {
          await writeStep(on, step, part);
          // It may have been answered meanwhile.
          if (inPage.delete(step.id)) kept = [...kept.filter(({ id }) => id !== step.id), step];
          if (part) photosInPage.delete(step.id);
          return photo === undefined ? 'kept' : as;
        } catch {}
      }
      return 'in_page';
    },
    async photoOf({ id }) {
      const inHand = photosInPage.get(id);
      // Of a step that this phone had no room for it has no photograph either.
      if (inHand || !kept.some((step) => step.id === id)) return inHand;
      return on((shelf) => shelf.get('photos', id));
    },
    async drop(step, becomes) {
      const { id } = step;
      const refusal = typeof becomes === 'string' ? undefined : becomes;
      if (becomes === 'arrived') arrived = [...arrived, step];
      inPage.delete(id);
      photosInPage.delete(id);
      kept = kept.filter((each) => each.id !== id);
      if (refusal) refusals = [...refusals.filter(({ deliveryId }) => deliveryId !== refusal.deliveryId), refusal];
      await eraseStep(on, id, refusal).catch(() => {});
    },
    async dismiss(deliveryId) {
      refusals = refusals.filter((each) => each.deliveryId !== deliveryId);
      await on((shelf) => shelf.delete('refused', deliveryId));
    },
  };
}

/** @throws DOMException where the phone has no room, or keeps nothing */
async function writeStep(on: OnShelf, step: Step, photo: Blob | undefined): Promise<void> {
  await on((shelf) => {
    const writing = shelf.transaction(['steps', 'photos'], 'readwrite');
    const photoWritten = photo && writing.objectStore('photos').put(photo, step.id);
    return Promise.all([photoWritten, writing.objectStore('steps').put(step), writing.done]);
  });
}

/** @throws DOMException: then it is sent once more, under the key that it had, and erased after that */
async function eraseStep(on: OnShelf, id: string, refusal: Refused | undefined): Promise<void> {
  await on((shelf) => {
    const writing = shelf.transaction(['steps', 'photos', 'refused'], 'readwrite');
    return Promise.all([
      writing.objectStore('steps').delete(id),
      writing.objectStore('photos').delete(id),
      refusal && writing.objectStore('refused').put(refusal),
      writing.done,
    ]);
  });
}

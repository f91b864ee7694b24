import { readOldSteps } from './old-steps.ts';
import { type Sent, sendPhoto, sendStep } from './send-step.ts';
import { openShelf } from './shelf.ts';
import { type Brought, newKey, type Refused, type Step, type Taken } from './steps.ts';

/**
 * Where a step is: on this phone; on it without its photograph, which is gone with the page; or only in the page, because
 * the phone has no room (or, `broken`, keeps nothing at all).
 */
export type KeptAs = 'kept' | 'without_photo' | 'in_page';

export interface Outbox {
  /** Oldest first; as this page knows it. */
  waiting(): readonly Step[];
  /** Has arrived, and may be missing still in what was read from the service before. */
  arrived(): readonly Step[];
  /** These are in what was read since. */
  forget(arrived: readonly Step[]): void;
  /** What was not taken, and not read yet. */
  refused(): readonly Refused[];
  /** Counts from this moment on, whatever becomes of the promise. */
  add(taken: Taken): Promise<KeptAs>;
  /** Reads again what the page or the worker has changed. */
  read(): Promise<void>;
  /** Sends what waits, in order, as far as that goes. @returns whether all of it was answered */
  flush(headers: Readonly<Record<string, string>>): Promise<boolean>;
  /**
   * Another PIN code for a step whose code was wrong (none: the shop does without), or what was missing of it; `null`: the
   * step is given up.
   */
  correct(id: string, brought: Brought | null): Promise<void>;
  /** The driver has read why. */
  dismiss(deliveryId: string): Promise<void>;
}

/**
 * Steps survive a reload, a dead zone, a link that has expired and another driver on the same phone: they belong to the
 * driver, and stay until the service has answered for good. The order in which they were taken is the order in which
 * they arrive.
 */
export function openOutbox(driverId: string): Outbox {
  let kept: readonly Step[] = [];
  let refusals: readonly Refused[] = [];
  let arrived: readonly Step[] = [];
  /** Not on the phone yet, or for ever where it has no room. */
  const inPage = new Map<string, Step>();
  const photosInPage = new Map<string, Blob>();
  const waiting = () => {
    const onPhone = kept.filter(({ id }) => !inPage.has(id));
    return [...onPhone, ...inPage.values()].sort((one, other) => one.place - other.place);
  };
  const read = async () => {
    const shelf = await openShelf();
    const [steps, read] = await Promise.all([
      shelf.getAllFromIndex('steps', 'driver', driverId),
      shelf.getAllFromIndex('refused', 'driver', driverId),
    ]);
    const isRefused = (id: string) => read.some(({ deliveryId }) => deliveryId === id);
    const gone = kept.filter(({ id, deliveryId }) => !isRefused(deliveryId) && !steps.some((step) => step.id === id));
    arrived = [...arrived, ...gone.filter(({ id }) => !inPage.has(id))];
    [kept, refusals] = [steps, read];
  };
  /** @throws DOMException where the phone has no room, or keeps nothing */
  const write = async (step: Step, photo: Blob | undefined) => {
    const writing = (await openShelf()).transaction(['steps', 'photos'], 'readwrite');
    const photoWritten = photo && writing.objectStore('photos').put(photo, step.id);
    await Promise.all([photoWritten, writing.objectStore('steps').put(step), writing.done]);
  };
  const keep = async (step: Step, photo: Blob | undefined): Promise<KeptAs> => {
    inPage.set(step.id, step);
    if (photo) photosInPage.set(step.id, photo);
    for (const [part, as] of [
      [photo, 'kept'],
      [undefined, 'without_photo'],
    ] as const) {
      try {
        await write(step, part);
        // It may have been answered meanwhile.
        if (inPage.delete(step.id)) kept = [...kept.filter(({ id }) => id !== step.id), step];
        if (part) photosInPage.delete(step.id);
        return photo === undefined ? 'kept' : as;
      } catch {}
    }
    return 'in_page';
  };
  const drop = async (step: Step, becomes: 'arrived' | 'given_up' | Refused) => {
    const { id } = step;
    const refusal = typeof becomes === 'string' ? undefined : becomes;
    if (becomes === 'arrived') arrived = [...arrived, step];
    inPage.delete(id);
    photosInPage.delete(id);
    kept = kept.filter((each) => each.id !== id);
    if (refusal) refusals = [...refusals.filter(({ deliveryId }) => deliveryId !== refusal.deliveryId), refusal];
    const writing = (await openShelf()).transaction(['steps', 'photos', 'refused'], 'readwrite');
    await Promise.all([
      writing.objectStore('steps').delete(id),
      writing.objectStore('photos').delete(id),
      refusal && writing.objectStore('refused').put(refusal),
      writing.done,
    ]).catch(() => {});
  };
  const send = async (step: Step, headers: Readonly<Record<string, string>>): Promise<Sent> => {
    const photo =
      photosInPage.get(step.id) ?? (await (await openShelf()).get('photos', step.id).catch(() => undefined));
    if (photo === undefined || step.photoUrl !== undefined) return sendStep(step, headers);
    const there = await sendPhoto(step, photo, headers);
    // A picture that the service cannot read is less than the step that it belongs to.
    if (there.outcome === 'refused' && there.why === 'other') return sendStep(step, headers);
    if (there.outcome !== 'photo_arrived') return there;
    const withPhoto = { ...step, photoUrl: there.photoUrl };
    await keep(withPhoto, undefined);
    return sendStep(withPhoto, headers);
  };
  const mark = async (id: string, asks: Pick<Step, 'wrongPin' | 'triesLeft' | 'missing'>) => {
    const step = waiting().find((each) => each.id === id);
    if (step) await keep({ ...step, ...asks }, undefined);
  };
  const flush = async (headers: Readonly<Record<string, string>>): Promise<boolean> => {
    await read().catch(() => {});
    for (let [step] = waiting(); step !== undefined && !asksDriver(step); [step] = waiting()) {
      const sent = await send(step, headers);
      if (sent.outcome === 'later') return false;
      if (sent.outcome === 'wrong_pin') await mark(step.id, { wrongPin: true, triesLeft: sent.triesLeft });
      else if (sent.outcome === 'proof_missing') await mark(step.id, { missing: sent.missing });
      else await drop(step, sent.outcome === 'refused' ? refusalOf(step, sent) : 'arrived');
    }
    return true;
  };
  return {
    waiting,
    arrived: () => arrived,
    forget(these) {
      arrived = arrived.filter((step) => !these.includes(step));
    },
    refused: () => refusals,
    read: async () => {
      await takeOver(driverId, keep);
      await read();
    },
    flush: (headers) => alone(driverId, () => flush(headers)),
    add({ photo, ...taken }) {
      const id = newKey();
      const place = Math.max(0, ...waiting().map((step) => step.place)) + 1;
      return keep({ ...taken, id, key: id, driverId, place, occurredAt: new Date().toISOString() }, photo);
    },
    async correct(id, brought) {
      const found = waiting().find((step) => step.id === id);
      if (found === undefined) return;
      if (brought === null) return drop(found, 'given_up');
      const { photo, ...said } = brought;
      await keep({ ...withoutAsking(found, photo !== undefined), ...said, key: newKey() }, photo);
    },
    async dismiss(deliveryId) {
      refusals = refusals.filter((each) => each.deliveryId !== deliveryId);
      await (await openShelf()).delete('refused', deliveryId);
    },
  };
}

/** Nothing is sent past it: the driver has to say more of it first. */
export function asksDriver({ wrongPin, missing }: Step): boolean {
  return wrongPin === true || missing !== undefined;
}

/** A wrong code goes; of two photographs the later counts. */
function withoutAsking({ missing: _, photoUrl, ...step }: Step, isPhotoNew: boolean): Step {
  const photo = photoUrl !== undefined && !isPhotoNew ? { photoUrl } : {};
  if (!step.wrongPin) return { ...step, ...photo };
  const { wrongPin: __, triesLeft: ___, pincode: ____, ...rest } = step;
  return { ...rest, ...photo };
}

function refusalOf(step: Step, { why, detail }: Extract<Sent, { outcome: 'refused' }>): Refused {
  const { driverId, deliveryId, title, status } = step;
  return { driverId, deliveryId, title, status, why, detail };
}

/** The worker and every page of this phone send one at a time: in order is in order of all of them. */
async function alone(driverId: string, work: () => Promise<boolean>): Promise<boolean> {
  const name = `drive.steps.${driverId}`;
  if ('locks' in navigator)
    return navigator.locks.request(name, { ifAvailable: true }, async (lock) => lock !== null && work());
  if (sending.has(name)) return false;
  sending.add(name);
  return work().finally(() => sending.delete(name));
}

/** Where there are no locks there is no worker either. */
const sending = new Set<string>();

/** The version before this one kept steps elsewhere: none of them is lost. */
async function takeOver(
  driverId: string,
  keep: (step: Step, photo: Blob | undefined) => Promise<KeptAs>,
): Promise<void> {
  const old = readOldSteps(driverId);
  for (const { step, photo } of old.steps) if ((await keep(step, photo)) === 'in_page') return;
  old.forget();
}

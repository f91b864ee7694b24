import { type KeptAs, type KeptSteps, openKeptSteps } from './kept-steps.ts';
import { readOldSteps } from './old-steps.ts';
import { type Sent, sendPhoto, sendStep } from './send-step.ts';
import { type Brought, newKey, type Refused, type Step, type Taken } from './steps.ts';

type Headers = Readonly<Record<string, string>>;

export interface Outbox extends Pick<KeptSteps, 'waiting' | 'arrived' | 'forget' | 'refused' | 'dismiss'> {
  /** Counts from this moment on, whatever becomes of the promise. */
  add(taken: Taken): Promise<KeptAs>;
  /** Reads again what the page or the worker has changed. */
  read(): Promise<void>;
  /** Sends what waits, in order, as far as that goes. @returns whether all of it is known, and was answered */
  flush(headers: Headers): Promise<boolean>;
  /**
   * Another PIN code for a step whose code was wrong (none: the shop does without), or what was missing of it; `null`: the
   * step is given up.
   */
  correct(id: string, brought: Brought | null): Promise<void>;
}

/**
 * Steps survive a reload, a dead zone, a link that has expired and another driver on the same phone: they belong to the
 * driver, and stay until the service has answered for good. The order in which they were taken is the order in which
 * they arrive.
 */
export function openOutbox(driverId: string, steps: KeptSteps = openKeptSteps(driverId)): Outbox {
  const { waiting, arrived, forget, refused, dismiss, keep, drop } = steps;
  const photoOf = patientPhotos(steps);
  return {
    waiting,
    arrived,
    forget,
    refused,
    dismiss,
    read: async () => {
      await takeOver(driverId, keep);
      await steps.read();
    },
    flush: (headers) => alone(driverId, () => flush({ ...steps, photoOf }, headers)),
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
  };
}

async function flush(steps: KeptSteps, headers: Headers): Promise<boolean> {
  const { waiting, read, drop } = steps;
  const isRead = await read().then(
    () => true,
    () => false,
  );
  for (let [step] = waiting(); step !== undefined && !asksDriver(step); [step] = waiting()) {
    const sent = await send(steps, step, headers);
    if (sent.outcome === 'later') return false;
    if (sent.outcome === 'wrong_pin') await mark(steps, step.id, { wrongPin: true, triesLeft: sent.triesLeft });
    else if (sent.outcome === 'proof_missing') await mark(steps, step.id, { missing: sent.missing });
    else await drop(step, sent.outcome === 'refused' ? refusalOf(step, sent) : 'arrived');
  }
  return isRead;
}

async function send({ photoOf, keep }: KeptSteps, step: Step, headers: Headers): Promise<Sent> {
  if (step.photoUrl !== undefined) return sendStep(step, headers);
  const photo = await photoOf(step).catch(() => 'later' as const);
  if (photo === 'later') return { outcome: 'later' };
  if (photo === undefined) return sendStep(step, headers);
  const there = await sendPhoto(step, photo, headers);
  // A picture that the service cannot read is less than the step that it belongs to.
  if (there.outcome === 'refused' && there.why === 'other') return sendStep(step, headers);
  if (there.outcome !== 'photo_arrived') return there;
  const withPhoto = { ...step, photoUrl: there.photoUrl };
  await keep(withPhoto, undefined);
  return sendStep(withPhoto, headers);
}

/** Times, in a row, that a photograph could not be read while its step could. */
const READ_IN_VAIN = 3;

/**
 * Once a step has arrived it is too late for its photograph: one that cannot be read now may be a moment later. But a
 * browser may lose a picture that it has kept, for good (Safari does), and the steps behind it must not wait for ever.
 */
function patientPhotos({ photoOf }: KeptSteps): KeptSteps['photoOf'] {
  const inVain = new Map<string, number>();
  return async (step) => {
    try {
      return await photoOf(step);
    } catch (error) {
      const times = (inVain.get(step.id) ?? 0) + 1;
      inVain.set(step.id, times);
      if (times < READ_IN_VAIN) throw error;
      return undefined;
    }
  };
}

/** The driver is asked for it: what is said of the step changes, and it waits on. */
async function mark(
  { waiting, keep }: KeptSteps,
  id: string,
  asks: Pick<Step, 'wrongPin' | 'triesLeft' | 'missing'>,
): Promise<void> {
  const step = waiting().find((each) => each.id === id);
  if (step) await keep({ ...step, ...asks }, undefined);
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
async function takeOver(driverId: string, keep: KeptSteps['keep']): Promise<void> {
  const old = readOldSteps(driverId);
  for (const { step, photo } of old.steps) if ((await keep(step, photo)) === 'in_page') return;
  old.forget();
}

import { ask, Refusal } from '#shared/pages/ask.ts';

/** A step the driver has taken, kept on the phone until the service has it. */
export interface Step {
  /** Its idempotency key: sent twice, it counts once. */
  key: string;
  deliveryId: string;
  status: string;
  occurredAt: string;
  position?: { lat: number; lon: number };
  pincode?: string;
  receivedBy?: string;
  failureCode?: string;
  note?: string;
  /** A JPEG as a data URL. */
  photo?: string;
  /** The PIN code was wrong: it is asked for again, and nothing else of the step. */
  wrongPin?: true;
  /** How many codes are still taken; 0: only the shop can help. */
  triesLeft?: number;
}

export interface Outbox {
  waiting(): readonly Step[];
  /**
   * @returns `kept`; or `without_photo` where the phone has no room for it
   * @throws Error in words for people, where there is no room for the step either
   */
  add(step: Omit<Step, 'key' | 'occurredAt'>): 'kept' | 'without_photo';
  /** Sends what waits, in order, as far as that goes. @returns what the service refused for good, in words */
  flush(headers: Readonly<Record<string, string>>): Promise<string | null>;
  /** Another PIN code for a step whose code was wrong (empty: the shop does without); `null`: the step is given up. */
  correct(key: string, pincode: string | null): void;
}

/** Of the version before, which knew one driver to a phone. */
const OLD_SHELF = 'drive.steps';

/**
 * Steps survive a reload, a dead zone, a link that has expired and another driver on the same phone: they belong to the
 * driver, and stay until the service has answered for good. The order in which they were taken is the order in which
 * they arrive.
 */
export function openOutbox(driverId: string): Outbox {
  const shelf = `drive.steps.${driverId}`;
  const old = localStorage.getItem(OLD_SHELF);
  if (old !== null) {
    // A full phone has room for one copy, not for two.
    localStorage.removeItem(OLD_SHELF);
    if (localStorage.getItem(shelf) === null) localStorage.setItem(shelf, old);
  }
  let busy = false;
  const waiting = (): Step[] => JSON.parse(localStorage.getItem(shelf) ?? '[]');
  const keep = (steps: readonly Step[]) => localStorage.setItem(shelf, JSON.stringify(steps));
  const change = (key: string, to: (step: Step) => Step | null) => {
    const steps = waiting().flatMap((step) => (step.key === key ? (to(step) ?? []) : step));
    try {
      keep(steps);
    } catch {
      // What is noted about a step needs room too: a step without its photograph is more than one that is never sent.
      keep(steps.map(({ photo: _, ...step }) => step));
    }
  };
  return {
    waiting,
    add(given) {
      const step = { ...given, key: newKey(), occurredAt: new Date().toISOString() };
      const { photo: _, ...withoutPhoto } = step;
      try {
        keep([...waiting(), step]);
        return 'kept';
      } catch {
        try {
          keep([...waiting(), withoutPhoto]);
        } catch {
          throw new Error(
            'The storage of this phone is full: the step could not be kept. Make room, and take it again.',
          );
        }
        return given.photo === undefined ? 'kept' : 'without_photo';
      }
    },
    async flush(headers) {
      if (busy) return null;
      busy = true;
      try {
        for (let [step] = waiting(); step !== undefined && !step.wrongPin; [step] = waiting()) {
          const fault = await send(step, headers);
          if (fault === 'later') return null;
          if (fault !== null && typeof fault === 'object') {
            change(step.key, (wrong) => ({ ...wrong, wrongPin: true, ...fault }));
            return null;
          }
          change(step.key, () => null);
          if (fault !== null) return fault;
        }
        return null;
      } finally {
        busy = false;
      }
    },
    // Another code is another request, so it has a key of its own.
    correct: (key, pincode) =>
      change(key, ({ wrongPin: _, triesLeft: __, pincode: ___, ...step }) =>
        pincode === null ? null : { ...step, ...(pincode && { pincode }), key: newKey() },
      ),
  };
}

function newKey(): string {
  return crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`;
}

/**
 * @returns null when it arrived; `later` when there was no answer, or nobody who may ask (the link has expired: the next
 * one sends it); how many codes are left after a wrong one; or why it was refused for good
 */
async function send(
  step: Step,
  headers: Readonly<Record<string, string>>,
): Promise<string | { triesLeft: number } | null> {
  const { key, deliveryId, photo, receivedBy, wrongPin: _, triesLeft: __, ...rest } = step;
  try {
    const photoUrl = photo === undefined ? undefined : await sendPhoto(deliveryId, photo, headers);
    const proof =
      photoUrl || receivedBy ? { proof: { ...(photoUrl && { photoUrl }), ...(receivedBy && { receivedBy }) } } : {};
    const path = step.status === 'PENDING' ? 'unassign' : 'status';
    const body = step.status === 'PENDING' ? { note: step.note } : { ...rest, ...proof };
    await ask('POST', `/v1/deliveries/${deliveryId}/${path}`, {
      body,
      headers: { ...headers, 'idempotency-key': key },
    });
    return null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { status, problem, message } = error;
    if (problem.type === 'urn:problem:wrong_pincode' || problem.type === 'urn:problem:pincode_locked')
      return { triesLeft: Number(problem.triesLeft ?? 1) };
    if (problem.type === 'urn:problem:key_in_flight') return 'later';
    return status >= 500 || [0, 401, 408, 429].includes(status) ? 'later' : message;
  }
}

async function sendPhoto(
  deliveryId: string,
  photo: string,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const [, base64 = ''] = photo.split(',', 2);
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const blob = new Blob([bytes], { type: 'image/jpeg' });
  return (await ask<{ photoUrl: string }>('POST', `/v1/deliveries/${deliveryId}/proof`, { blob, headers })).photoUrl;
}

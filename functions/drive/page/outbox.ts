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
}

export interface Outbox {
  waiting(): readonly Step[];
  add(step: Omit<Step, 'key' | 'occurredAt'>): void;
  /** Sends what waits, in order. @returns what the service refused for good, in words */
  flush(headers: Readonly<Record<string, string>>): Promise<string | null>;
}

const SHELF = 'drive.steps';

/** Steps survive a reload and a dead zone; the order in which they were taken is the order in which they arrive. */
export function openOutbox(): Outbox {
  let busy = false;
  const waiting = (): Step[] => JSON.parse(localStorage.getItem(SHELF) ?? '[]');
  const keep = (steps: readonly Step[]) => localStorage.setItem(SHELF, JSON.stringify(steps));
  return {
    waiting,
    add: (step) =>
      keep([
        ...waiting(),
        {
          ...step,
          key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`,
          occurredAt: new Date().toISOString(),
        },
      ]),
    async flush(headers) {
      if (busy) return null;
      busy = true;
      try {
        for (let [step] = waiting(); step !== undefined; [step] = waiting()) {
          const fault = await send(step, headers);
          if (fault === 'later') return null;
          keep(waiting().filter(({ key }) => key !== step!.key));
          if (fault !== null) return fault;
        }
        return null;
      } finally {
        busy = false;
      }
    },
  };
}

/** @returns null when it arrived, `later` when there was no answer, or why it was refused */
async function send(step: Step, headers: Readonly<Record<string, string>>): Promise<string | null> {
  const { key, deliveryId, photo, receivedBy, ...rest } = step;
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
    const temporary = error.status === 0 || error.status === 408 || error.status === 429 || error.status >= 500;
    return temporary || error.problem.type === 'urn:problem:key_in_flight' ? 'later' : error.message;
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

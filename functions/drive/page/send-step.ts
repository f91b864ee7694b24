import { type DeliveryStatus, hasFailed } from '#shared/domain/delivery.ts';
import { ask, LARGE_MS, Refusal } from '#shared/pages/ask.ts';
import type { ProofName, Step, Why } from './steps.ts';

type Headers = Readonly<Record<string, string>>;

/**
 * `later`: there was no answer, or nobody who may ask (the link has expired: the next one sends it). `wrong_pin`: how
 * many codes are still taken. `proof_missing`: what the service asks for besides. `refused`: for good.
 */
export type Sent =
  | { outcome: 'arrived' | 'later' }
  | { outcome: 'wrong_pin'; triesLeft: number }
  | { outcome: 'proof_missing'; missing: readonly ProofName[] }
  | { outcome: 'refused'; why: Why; detail: string };

/** @param proof where the photograph is, if there is one */
export async function sendStep(step: Step, headers: Headers): Promise<Sent> {
  const { deliveryId, status, note, occurredAt, position, pincode, failureCode, parcel } = step;
  const { photoUrl, receivedBy, signature, ageChecked, proofNote } = step;
  const proof = {
    ...(photoUrl && { photoUrl }),
    ...(receivedBy && { receivedBy }),
    ...(signature && { signature }),
    ...(ageChecked && { ageChecked }),
    ...(proofNote && { note: proofNote }),
  };
  const path = status === 'PENDING' ? 'unassign' : 'status';
  const body =
    status === 'PENDING'
      ? { note }
      : {
          ...{ status, occurredAt, position, pincode, failureCode, note, parcel },
          ...(Object.keys(proof).length > 0 && { proof }),
        };
  return sent(() =>
    ask('POST', `/v1/deliveries/${deliveryId}/${path}`, {
      body,
      headers: { ...headers, 'idempotency-key': step.key },
    }),
  );
}

/** The photograph goes first: a step that has arrived is not open to proofs any more. */
export async function sendPhoto(
  { deliveryId }: Step,
  photo: Blob,
  headers: Headers,
): Promise<Sent | { outcome: 'photo_arrived'; photoUrl: string }> {
  let photoUrl = '';
  const { outcome, ...rest } = await sent(async () => {
    ({ photoUrl } = await ask<{ photoUrl: string }>('POST', `/v1/deliveries/${deliveryId}/proof`, {
      blob: photo,
      headers,
      withinMs: LARGE_MS,
    }));
  });
  return outcome === 'arrived' ? { outcome: 'photo_arrived', photoUrl } : ({ outcome, ...rest } as Sent);
}

async function sent(send: () => Promise<unknown>): Promise<Sent> {
  try {
    await send();
    return { outcome: 'arrived' };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return judged(error);
  }
}

const LATER: ReadonlySet<number> = new Set([0, 401, 408, 429]);

function judged({ status, problem, message }: Refusal): Sent {
  switch (problem.type) {
    case 'urn:problem:wrong_pincode':
    case 'urn:problem:pincode_locked':
      return { outcome: 'wrong_pin', triesLeft: Number(problem.triesLeft ?? 1) };
    case 'urn:problem:proof_missing':
      return { outcome: 'proof_missing', missing: problem.missing as readonly ProofName[] };
    case 'urn:problem:key_in_flight':
      return { outcome: 'later' };
    case 'urn:problem:conflict_state':
      return { outcome: 'refused', why: whyNot(problem.deliveryStatus as DeliveryStatus), detail: message };
    // A driver knows what is theirs: what is not any more is nothing to them.
    case 'urn:problem:not_found':
      return { outcome: 'refused', why: 'given_away', detail: message };
  }
  return status >= 500 || LATER.has(status)
    ? { outcome: 'later' }
    : { outcome: 'refused', why: 'other', detail: message };
}

function whyNot(status: DeliveryStatus): Why {
  if (status === 'CANCELLED') return 'cancelled';
  if (status === 'DELIVERED') return 'delivered';
  return hasFailed(status) ? 'ended' : 'other';
}

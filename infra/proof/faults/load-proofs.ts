import { setTimeout as pause } from 'node:timers/promises';
import type { Answered, Wish } from './ask.ts';
import type { Kind } from './history.ts';
import type { Actor } from './load.ts';
import { asShop, type Part } from './load-dispatch.ts';
import { openAsDriver, TAKEN_FOR_MS } from './load-staff.ts';
import { PHONE } from './world.ts';

/** Something that proves who asks, and how it is taken away from whoever has it. */
interface Proof {
  /** What somebody honest asks with it. */
  kind: 'heartbeat' | 'list';
  show(kind: Kind): Wish;
  withdraw(): Wish;
}

/**
 * Somebody stays, and what they could show before is withdrawn: the token of their first phone, the phone that was paired,
 * and a key of their shop that others had as well. Both servers have seen each before, and both must refuse it afterwards.
 */
export async function withdrawProofs(actor: Actor): Promise<void> {
  const { ask, worker } = actor;
  // One driver each: whose tokens are withdrawn is refused on every phone.
  const [first, second] = await Promise.all([hired(actor), hired(actor)]);
  if (first === undefined || second === undefined) return;
  const proofs = await Promise.all([tokenOf(actor, first), deviceOf(actor, second), spareKeyOf(actor)]);
  await Promise.all(proofs.map((proof) => proof && useAndWithdraw(actor, proof)));
  for (const id of [first, second])
    await ask.settle(
      asShop(actor, 'retire', { method: 'DELETE', path: `/v1/drivers/${id}`, body: undefined }, id),
      worker(),
    );
}

async function hired(actor: Actor): Promise<string | undefined> {
  const register: Part = { method: 'POST', path: '/v1/drivers', body: { name: 'With two phones', phone: PHONE } };
  const { drivers } = await actor.ask.settle(asShop(actor, 'hire', register), actor.worker());
  return drivers[0]?.id;
}

const USES = 3;
const AGAIN_MS = 1_500;

async function useAndWithdraw(actor: Actor, proof: Proof): Promise<void> {
  const { ask, signal, worker } = actor;
  await Promise.all([0, 1].map((each) => ask.once(proof.show(proof.kind), each)));
  const { outcome, status } = await ask.settle(proof.withdraw(), worker());
  // Not found: a first answer was lost, and it is withdrawn.
  if (outcome !== 'ok' && status !== 404) return;
  await pause(TAKEN_FOR_MS, undefined, { signal }).catch(() => {});
  await Promise.all([0, 1].map((each) => askUntilRefused(actor, proof, each)));
}

/** A server that could not ask Postgres just then takes it for good once more; one that never asks takes it every time. */
async function askUntilRefused({ ask, signal }: Actor, { show }: Proof, worker: number): Promise<void> {
  for (let use = 0; use < USES && !signal.aborted; use += 1) {
    const { outcome } = await ask.once(show('withdrawn'), worker);
    if (outcome === 'fail') return;
    await pause(AGAIN_MS, undefined, { signal }).catch(() => {});
  }
}

const saidBy = <Said>({ outcome, body }: Answered) => (outcome === 'ok' ? (body as Said) : null);

async function tokenOf(actor: Actor, id: string): Promise<Proof | null> {
  const { ask, worker } = actor;
  const grant = (body: unknown) =>
    asShop(actor, 'grant', { method: 'POST', path: `/v1/drivers/${id}/tokens`, body }, id);
  const granted = saidBy<{ token: string }>(await ask.settle(grant({}), worker()));
  return granted && { ...beatOf(actor, id, granted.token), withdraw: () => grant({ revokePrevious: true }) };
}

/** A phone that is paired by a code; a code is told once, and is good once. */
async function deviceOf(actor: Actor, id: string): Promise<Proof | null> {
  const { ask, shop, worker } = actor;
  const path = `/v1/drivers/${id}`;
  const pairing = asShop(actor, 'grant', { method: 'POST', path: `${path}/pairings`, body: {} }, id);
  const told = saidBy<{ code: string }>(await ask.settle({ ...pairing, key: null }, worker()));
  if (told === null) return null;
  const pair: Wish = {
    kind: 'grant',
    shop: shop.slug,
    method: 'POST',
    path: '/v1/pairings',
    body: { code: told.code },
  };
  const paired = saidBy<{ token: string; deviceId: string }>(await ask.settle(pair, worker()));
  if (paired === null) return null;
  const remove: Part = { method: 'DELETE', path: `${path}/devices/${paired.deviceId}`, body: undefined };
  return { ...beatOf(actor, id, paired.token), withdraw: () => asShop(actor, 'withdraw', remove, id) };
}

async function spareKeyOf(actor: Actor): Promise<Proof | null> {
  const { ask, shop, worker } = actor;
  const path = `/v1/shops/${shop.id}/keys`;
  const make = asShop(actor, 'grant', { method: 'POST', path, body: { name: 'spare', scopes: ['read'] } });
  const made = saidBy<{ key: string; keyId: string }>(await ask.settle(make, worker()));
  if (made === null) return null;
  const headers = { authorization: `Bearer ${made.key}` };
  const list: Part = { method: 'GET', path: '/v1/deliveries?limit=1', body: undefined };
  return {
    kind: 'list',
    show: (kind) => ({ ...asShop(actor, kind, list, made.keyId), headers }),
    withdraw: () => asShop(actor, 'withdraw', { method: 'DELETE', path: `${path}/${made.keyId}`, body: undefined }),
  };
}

function beatOf(actor: Actor, id: string, token: string): Pick<Proof, 'kind' | 'show'> {
  const beat: Part = { method: 'POST', path: `/v1/drivers/${id}/heartbeat`, body: undefined };
  return { kind: 'heartbeat', show: (kind) => ({ ...openAsDriver(actor, { id, token })(kind, beat), key: null }) };
}

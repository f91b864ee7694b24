import { createHash } from 'node:crypto';
import type { CallerLimits } from '../contract/caller-limits.ts';
import type { Page } from '../contract/nouns.ts';
import type { NewKey, NewShop, ShopChange, WebhookSettings } from '../contract/shops.ts';
import type { ShopRow } from '../db/schema.ts';
import {
  type CreateKeyResult,
  commitKeyRevocation,
  createKey,
  type KeyRow,
  selectKeys,
} from '../db/statements/api-keys.ts';
import { setLimits } from '../db/statements/shop-limits.ts';
import {
  type CreateShopResult,
  commitShopChange,
  commitWebhook,
  createShop,
  type DefaultShop,
  insertDefaultShop,
  readShopsBySlug,
  type SetShopResult,
  selectShop,
  selectShops,
} from '../db/statements/shops.ts';
import { DISPATCH_DEFAULTS } from '../dispatch/settings-of-shop.ts';
import { DependencyAway } from '../domain/away.ts';
import type { Caller, CommandResult } from '../domain/command.ts';
import { readKey, writeKey } from '../domain/key-text.ts';
import { dispatchColumns } from '../mappers/shop-columns.ts';
import type { Config } from '../runtime/config.ts';
import type { ApiKeys } from '../secrets/api-key.ts';
import { openSecretBox, type SecretBox, SecretLostError } from '../secrets/secret-box.ts';
import type { FlowDeps } from './deps.ts';
import { toPage } from './drivers.ts';

/** What is stored of a secret that is random itself. */
const sha256 = (secret: string) => createHash('sha256').update(secret).digest('hex');
const hashOf = (secret: string | null) => (secret === null ? null : sha256(secret));

export async function registerShop(
  deps: FlowDeps,
  caller: Caller,
  input: NewShop,
): Promise<CommandResult<CreateShopResult>> {
  const { policy, max_radius_m, dispatch } = dispatchColumns(input.dispatch);
  const ran = await createShop(deps.db, caller, {
    slug: input.slug,
    name: input.name,
    policy: policy ?? DISPATCH_DEFAULTS.policy,
    max_radius_m: max_radius_m ?? input.maxRadiusM,
    dispatch,
    proof_required: input.proof.delivered ?? [],
    failure_proof_required: input.proof.failed ?? [],
    pickup_lat: input.pickup?.lat ?? null,
    pickup_lon: input.pickup?.lon ?? null,
    pickup_address: input.pickup?.address ? { address: input.pickup.address } : null,
    inbound_secrets: input.inboundSecrets.map(deps.secretBox.seal),
    inbound_static_sha256: hashOf(input.inboundStaticSecret),
  });
  if (ran.kind === 'done' && ran.result.outcome === 'created') {
    deps.shops.forget(ran.result.shop);
    // It has no drivers yet, so Redis knows all of them.
    await markWarm(deps, caller, ran.result.shop.id);
  }
  return ran;
}

async function markWarm({ availability }: FlowDeps, caller: Caller, shopId: string): Promise<void> {
  try {
    await availability?.markWarm(shopId);
  } catch (error) {
    if (!(error instanceof DependencyAway)) throw error;
    caller.degraded.add('redis');
  }
}

export async function listShops(
  deps: Pick<FlowDeps, 'db'>,
  query: { cursor: string | null; limit: number },
): Promise<Page<ShopRow>> {
  return toPage(await selectShops(deps.db, query.cursor, query.limit + 1), query.limit);
}

/** As it is now, not as it is remembered. */
export function readShop(deps: Pick<FlowDeps, 'db'>, shopId: string): Promise<ShopRow | null> {
  return selectShop(deps.db, shopId);
}

/**
 * Changes how the shop's deliveries are dispatched, from the next plan on: at once in this process, and within the 10 s
 * for which they remember a shop in all others. What is asked at the door is asked of the next step, whoever it comes to.
 */
export async function changeShop(
  deps: Pick<FlowDeps, 'db' | 'shops' | 'secretBox' | 'dispatch'>,
  caller: Caller,
  shopId: string,
  { name, dispatch = {}, proof = {}, customerPage = {}, pickup, inboundSecrets, inboundStaticSecret }: ShopChange,
): Promise<CommandResult<SetShopResult>> {
  const ran = await commitShopChange(deps.db, caller, {
    shop_id: shopId,
    name: name ?? null,
    ...dispatchColumns(dispatch),
    proof_required: proof.delivered ?? null,
    failure_proof_required: proof.failed ?? null,
    customer_page: customerPage,
    pickup: pickup === undefined ? null : (pickup ?? {}),
    inbound_secrets: inboundSecrets?.map(deps.secretBox.seal) ?? null,
    inbound_static: inboundStaticSecret === undefined ? null : { sha256: hashOf(inboundStaticSecret) },
  });
  if (ran.kind === 'done' && ran.result.outcome === 'set') {
    deps.shops.forget(ran.result.shop);
    // For what waits there may be drivers now: within another radius, or by another rule.
    if (Object.keys(dispatch).length > 0) await deps.dispatch.mark(shopId);
  }
  return ran;
}

/** Sets what the shop's callers may ask: at once in this process, within 15 s in all others. */
export async function changeLimits(
  deps: Pick<FlowDeps, 'db' | 'shops'>,
  caller: Caller,
  shopId: string,
  input: CallerLimits,
): Promise<CommandResult<SetShopResult>> {
  const limits = Object.fromEntries(
    Object.entries(input).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
  const ran = await setLimits(deps.db, caller, { shop_id: shopId, limits });
  if (ran.kind === 'done' && ran.result.outcome === 'set') deps.shops.forget(ran.result.shop);
  return ran;
}

export async function setWebhook(
  deps: FlowDeps,
  caller: Caller,
  shopId: string,
  input: WebhookSettings,
): Promise<CommandResult<SetShopResult>> {
  const ran = await commitWebhook(deps.db, caller, {
    shop_id: shopId,
    webhook_url: input.url,
    webhook_secrets: input.secrets.map(deps.secretBox.seal),
    webhook_static_secret: input.staticSecret && deps.secretBox.seal(input.staticSecret),
    webhook_in_transit: input.inTransit,
    webhook_eta_changed: input.etaChanged,
    webhook_offers: input.offers,
    webhook_ratings: input.ratings,
  });
  if (ran.kind === 'done' && ran.result.outcome === 'set') deps.shops.forget(ran.result.shop);
  return ran;
}

/**
 * Makes a key of a shop. A repeated request is answered with the same bytes, although only the SHA-256 is stored: its
 * result keeps the secret sealed.
 * @returns `key` null where none was made; also where one was, and its secret cannot be told again
 */
export async function grantKey(
  deps: FlowDeps,
  caller: Caller,
  shopId: string,
  input: NewKey,
  apiKeys: ApiKeys,
): Promise<{ ran: CommandResult<CreateKeyResult>; key: string | null }> {
  const made = apiKeys.make();
  const ran = await createKey(deps.db, caller, {
    shop_id: shopId,
    key_id: made.keyId,
    name: input.name,
    secret_sha256: sha256(made.secret),
    sealed: apiKeys.seal(made),
    scopes: input.scopes,
    expires_in_s: input.expiresInS,
  });
  if (ran.kind === 'in_flight' || ran.kind === 'key_reused' || ran.result.outcome === 'not_found')
    return { ran, key: null };
  const { key_id: keyId, sealed } = ran.result;
  const secret = apiKeys.unseal(keyId, sealed);
  return { ran, key: secret === null ? null : writeKey({ keyId, secret }) };
}

/** Keys without their secrets, revoked ones too, oldest first. */
export function listKeys(deps: Pick<FlowDeps, 'db'>, shopId: string): Promise<readonly KeyRow[]> {
  return selectKeys(deps.db, shopId);
}

/**
 * Good for 10 s more at most, where it was just used.
 * @param shopId only if it is this shop's; null: any
 * @returns false: there is no such key
 */
export function revokeKey(deps: Pick<FlowDeps, 'db'>, keyId: string, shopId: string | null): Promise<boolean> {
  return commitKeyRevocation(deps.db, keyId, shopId);
}

/** The shop `default`, made from the environment or brought up to date with it. @returns its id */
export async function ensureDefaultShop(
  deps: Pick<FlowDeps, 'db'>,
  { defaultShop, driverTokens }: Pick<Config, 'defaultShop' | 'driverTokens'>,
): Promise<string> {
  const box = openSecretBox(driverTokens);
  const stored = (await readShopsBySlug(deps.db, ['default'])).get('default');
  /**
   * Null where it is among those that are stored: two are while they are changed, and a restart must not end that. Nor
   * is it sealed anew: a process of the version before, which may still run, reads it as it is.
   */
  const toStore = (said: string | null | undefined, before: readonly string[] = []) =>
    !said || before.some((each) => isSame(box, each, said)) ? null : [box.seal(said)];
  const key = readKey(defaultShop.apiKey ?? '');
  const wish: DefaultShop = {
    key: key === null ? null : { id: key.keyId, secret_sha256: sha256(key.secret) },
    inbound_secrets: toStore(defaultShop.signingSecret, stored?.inbound_secrets),
    inbound_static_sha256: hashOf(defaultShop.staticSecret),
    webhook_url: defaultShop.webhook?.url ?? null,
    webhook_secrets: toStore(defaultShop.webhook?.secret, stored?.webhook_secrets),
    pickup:
      defaultShop.pickup === null
        ? null
        : {
            lat: defaultShop.pickup.lat,
            lon: defaultShop.pickup.lon,
            address: defaultShop.pickup.address === null ? null : { address: defaultShop.pickup.address },
          },
  };
  return insertDefaultShop(deps.db, wish);
}

function isSame(box: SecretBox, stored: string, said: string): boolean {
  try {
    return box.open(stored) === said;
  } catch (error) {
    if (error instanceof SecretLostError) return false;
    throw error;
  }
}

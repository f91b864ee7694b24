import { openDispatch } from '../dispatch/open-dispatch.ts';
import type { FlowDeps } from '../flows/deps.ts';
import type { HostDeps } from '../http/dispatch.ts';
import { openSessions, type Sessions } from '../http/session.ts';
import { type DriverTokens, openDriverTokens } from '../http/tokens.ts';
import { openRouting } from '../routing/open-routing.ts';
import { systemClock } from '../runtime/clock.ts';
import type { Config } from '../runtime/config.ts';
import { type Log, openLog } from '../runtime/log.ts';
import type { Meter } from '../runtime/meter.ts';
import type { Tracing } from '../runtime/tracing.ts';
import { type ApiKeys, openApiKeys } from '../secrets/api-key.ts';
import { openPairingCodes, type PairingCodes } from '../secrets/pairing-code.ts';
import { openSeal, type Seal } from '../secrets/seal.ts';
import { openSecretBox } from '../secrets/secret-box.ts';
import { openTrackingLinks, type TrackingLinks } from '../secrets/tracking-links.ts';
import { openContactWriter } from './contact-writer.ts';
import { openAuthentication } from './open-authentication.ts';
import { openLimits } from './open-limits.ts';
import { openStores } from './open-stores.ts';
import { openTurns } from './open-turns.ts';
import { openPushKey, type PushKey } from './push-key.ts';
import { openShopBook } from './shop-book.ts';

/** Everything the endpoints work with. One of these per process; nothing in it is opened at import time. */
export interface ServiceDeps extends FlowDeps, HostDeps {
  meter?: Meter | undefined;
  log: Log;
  tokens: DriverTokens;
  apiKeys: ApiKeys;
  pairingCodes: PairingCodes;
  webhooks: Config['webhooks'];
  pushKey: PushKey;
  links: TrackingLinks;
  seal: Seal;
  sessions: Sessions;
  close(): Promise<void>;
}

/**
 * @param lives `on`: this process outlives its requests, so what nobody waits for is written together, later
 * @param watch where numbers and spans go, if anybody wants them
 */
export function openDeps(
  config: Config,
  lives: 'on' | 'per request' = 'per request',
  watch: { meter?: Meter; tracing?: Tracing } = {},
): ServiceDeps {
  const log = openLog({ level: config.logLevel });
  const { db, availability } = openStores(config, watch.tracing);
  const tokens = openDriverTokens({ ...config.driverTokens, clock: systemClock });
  const apiKeys = openApiKeys(config.driverTokens);
  const seal = openSeal(config.driverTokens);
  const sessions = openSessions(seal, systemClock.nowMs, config.http.publicUrl);
  const authenticate = openAuthentication(config, { db, tokens, apiKeys, sessions });
  const routing = config.routing === null ? null : openRouting(config.routing);
  const stores = {
    db,
    availability,
    shops: openShopBook(db),
    secretBox: openSecretBox(config.driverTokens),
    routing,
    ...watch,
  };
  const dispatch = openDispatch(stores, lives, (event, fields) => log.warn(event, fields));
  const turns = openTurns(db);
  const limits = openLimits(config.limits, stores);
  const contacts = lives === 'on' ? openContactWriter(db) : undefined;
  return {
    ...stores,
    dispatch,
    ...(contacts && { contacts }),
    authenticate,
    turns,
    limits,
    tokens,
    apiKeys,
    pairingCodes: openPairingCodes(config.driverTokens),
    webhooks: config.webhooks,
    pushKey: openPushKey(stores, config.push.keys),
    links: openTrackingLinks({ ...config.driverTokens, publicUrl: config.http.publicUrl }),
    seal,
    sessions,
    log,
    clock: systemClock,
    close: async () => {
      await dispatch.close();
      await Promise.all([db.close(), availability?.close()]);
    },
  };
}

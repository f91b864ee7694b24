import type { Order, RequestContext } from '@vendure/core';
import type { AddressGeocoder } from './dispatch/geocoder';
import { CustomFieldGeocoder } from './dispatch/geocoder';
import { decodeSecret } from './dispatch/signing';

export interface DriverDispatchOptions {
  /** Where the dispatch service answers, e.g. `https://dispatch.example.com`. */
  serviceUrl: string;
  /** A key of this shop at the service, `dk_<keyId>_<secret>`, with the scopes `dispatch` and `read`; with `admin` too, the dashboard can change the service's settings. */
  apiKey: string;
  /** Signs what this shop sends, and checks what the service calls back: `whsec_…`. Two during a rotation. */
  signingSecret: string | readonly string[];
  /** What the service signs its calls with, if that is another secret. */
  callbackSecret?: string | readonly string[];
  /** The shop's name at the service. @default 'default' */
  shop?: string;
  /** Make the fulfillment as soon as the order is placed. Otherwise an administrator's "Fulfill" says "ready". @default true */
  autoFulfill?: boolean;
  /**
   * Settle an authorized payment when the driver hands over: `true` for every payment, or the codes of the payment
   * methods that are paid at the door. Without it a cash-on-delivery order stays `PaymentAuthorized`. @default false
   */
  settleOnDelivery?: boolean | readonly string[];
  /**
   * Of several parcels of an order that is paid at the door: `last` asks everything of the one that completes the order,
   * `share` of each what is in it. The payment is settled with the last one that is handed over. @default 'last'
   */
  collect?: 'last' | 'share';
  /** Where the customers live, such as `Europe/Berlin`: for times in notes and mails. @default the time zone of the process */
  timeZone?: string;
  /** Finds coordinates. The default reads the custom fields `latitude` and `longitude`, and knows nothing else. */
  geocoder?: AddressGeocoder;
  /** How long the goods need until they can be collected, in ms; tells the driver not to come sooner. @default 0 */
  preparationMs?: number | ((ctx: RequestContext, order: Order) => number | Promise<number>);
  /** How times of arrival are estimated. */
  travel?: Partial<TravelAssumptions>;
  /** Where the customer follows the delivery; `{deliveryId}` and `{orderCode}` are filled in. */
  trackingUrl?: string | null;
  /** Tiles under the map of the settings page, with `{z}`, `{x}` and `{y}`. @default null, a schematic map: nobody else is asked */
  mapTileUrl?: string | null;
  /** What the makers of the tiles want to be shown on the map. */
  mapAttribution?: string | null;
  /** For one call to the service, in ms; nobody waits at a checkout for it. @default 10000 */
  timeoutMs?: number;
  /** For a look-up while a customer waits at the checkout, in ms. @default 800 */
  lookupTimeoutMs?: number;
  /** Messages that each process sends at once. @default 4 */
  concurrency?: number;
  /** Cron expression of the reconciliation. @default every five minutes */
  reconcileSchedule?: string;
  /** How old something must be before the reconciliation thinks it was lost, in ms. @default 120000 */
  reconcileAfterMs?: number;
}

export interface TravelAssumptions {
  /** Average, with traffic. @default 25 */
  speedKmh: number;
  /** Road over straight line. @default 1.3 */
  detour: number;
  /** At each door, in minutes. @default 4 */
  handlingMinutes: number;
}

export interface ResolvedOptions {
  serviceUrl: string;
  apiKey: string;
  signingSecrets: readonly string[];
  callbackSecrets: readonly string[];
  shop: string;
  autoFulfill: boolean;
  settleOnDelivery: boolean | readonly string[];
  collect: 'last' | 'share';
  timeZone: string;
  geocoder: AddressGeocoder;
  preparationMs: NonNullable<DriverDispatchOptions['preparationMs']>;
  travel: TravelAssumptions;
  trackingUrl: string | null;
  mapTileUrl: string | null;
  mapAttribution: string | null;
  timeoutMs: number;
  lookupTimeoutMs: number;
  concurrency: number;
  reconcileSchedule: string;
  reconcileAfterMs: number;
}

/** A setting to mend: where the plugin found that says nothing, so the message stands alone, without a stack. */
class OptionError extends Error {
  constructor(message: string) {
    super(`DriverDispatchPlugin: ${message}`);
    this.stack = this.message;
  }
}

/** Options with every default in place. @throws OptionError naming the option that is missing or wrong, never its value */
export function resolveOptions(options: DriverDispatchOptions): ResolvedOptions {
  if (!options.serviceUrl || !/^https?:\/\//.test(options.serviceUrl)) {
    throw new OptionError('serviceUrl must be an http:// or https:// address');
  }
  if (!/^dk_[A-Za-z0-9-]+_[A-Za-z0-9_-]{16,}$/.test(options.apiKey ?? '')) {
    throw new OptionError('apiKey must look like dk_<keyId>_<secret>: the DEFAULT_SHOP_KEY of the service');
  }
  const signingSecrets = secretsOf('signingSecret', options.signingSecret);
  const { travel } = options;
  return {
    serviceUrl: options.serviceUrl.replace(/\/+$/, ''),
    apiKey: options.apiKey,
    signingSecrets,
    callbackSecrets: options.callbackSecret ? secretsOf('callbackSecret', options.callbackSecret) : signingSecrets,
    shop: options.shop ?? 'default',
    autoFulfill: options.autoFulfill ?? true,
    settleOnDelivery: options.settleOnDelivery ?? false,
    collect: options.collect ?? 'last',
    timeZone: timeZoneOf(options.timeZone),
    geocoder: options.geocoder ?? new CustomFieldGeocoder(),
    preparationMs: options.preparationMs ?? 0,
    travel: {
      speedKmh: travel?.speedKmh ?? 25,
      detour: travel?.detour ?? 1.3,
      handlingMinutes: travel?.handlingMinutes ?? 4,
    },
    trackingUrl: options.trackingUrl ?? null,
    mapTileUrl: options.mapTileUrl ?? null,
    mapAttribution: options.mapAttribution ?? null,
    timeoutMs: options.timeoutMs ?? 10_000,
    lookupTimeoutMs: options.lookupTimeoutMs ?? 800,
    concurrency: Math.max(1, options.concurrency ?? 4),
    reconcileSchedule: options.reconcileSchedule ?? '*/5 * * * *',
    reconcileAfterMs: options.reconcileAfterMs ?? 120_000,
  };
}

function timeZoneOf(given: string | undefined): string {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: given }).resolvedOptions().timeZone;
  } catch {
    throw new OptionError('timeZone must be a name such as Europe/Berlin');
  }
}

function secretsOf(name: string, given: string | readonly string[] | undefined): readonly string[] {
  const secrets = (typeof given === 'string' ? [given] : (given ?? [])).filter((secret) => secret !== '');
  if (secrets.length === 0 || secrets.length > 2) throw new OptionError(`${name} must be one secret, or two`);
  for (const secret of secrets) {
    if (decodeSecret(secret) === null) {
      throw new OptionError(`${name} must be whsec_ and the base64 of at least 24 random bytes`);
    }
  }
  return secrets;
}

import type { OfferView, OpenOfferView } from '../contract/offers.ts';
import type { DeliveryRow, OfferRow } from '../db/schema.ts';
import {
  type AcceptResult,
  commitAcceptance,
  commitDecline,
  type DeclineResult,
} from '../db/statements/answer-offer.ts';
import { readOffers } from '../db/statements/read-offers.ts';
import { projectDrivers } from '../dispatch/project-drivers.ts';
import type { Caller, CommandResult } from '../domain/command.ts';
import type { OfferState } from '../domain/offer.ts';
import type { FlowDeps } from './deps.ts';

/** Who answers: the driver who was asked, or, with `driverId` null, their shop for them. */
interface By {
  shopId: string;
  driverId: string | null;
}

/** What a driver may say yes to now. @param nowMs for how long, by the service's clock */
export async function listOpenOffers(
  { db }: Pick<FlowDeps, 'db'>,
  { shopId, driverId }: { shopId: string; driverId: string },
  nowMs: number,
): Promise<readonly OpenOfferView[]> {
  const rows = await readOffers(db, shopId, driverId);
  return rows.map(({ offer, deliveries }) => ({
    ...offerView(offer),
    expiresInS: Math.max(0, Math.round((Date.parse(offer.expires_at) - nowMs) / 1_000)),
    deliveries: deliveries.map(offeredDelivery),
  }));
}

/** The deliveries are the driver's, and the plan that follows finds their stops a place. */
export async function acceptOffer(
  deps: FlowDeps,
  caller: Caller,
  { shopId, driverId }: By,
  offerId: string,
): Promise<CommandResult<Exclude<AcceptResult, { outcome: 'moved_on' }>>> {
  const ran = await commitAcceptance(deps.db, caller, { shop_id: shopId, offer_id: offerId, driver_id: driverId });
  if (ran.kind === 'done' && ran.drivers.length > 0) await seen(deps, caller, shopId, ran);
  return ran;
}

/** Somebody else is asked. */
export async function declineOffer(
  deps: FlowDeps,
  caller: Caller,
  { shopId, driverId }: By,
  { offerId, reason }: { offerId: string; reason: string },
): Promise<CommandResult<DeclineResult>> {
  const ran = await commitDecline(deps.db, caller, { shop_id: shopId, offer_id: offerId, driver_id: driverId, reason });
  if (ran.kind === 'done' && ran.result.outcome === 'declined') await seen(deps, caller, shopId, ran);
  return ran;
}

async function seen(
  deps: FlowDeps,
  caller: Caller,
  shopId: string,
  { drivers }: CommandResult<unknown> & { kind: 'done' },
) {
  await projectDrivers(deps, caller, drivers);
  await deps.dispatch.mark(shopId);
}

const utc = (at: string) => new Date(at).toISOString();
const utcOrNull = (at: string | null) => (at === null ? null : utc(at));

export function offerView(row: OfferRow): OfferView {
  return {
    id: row.id,
    driverId: row.driver_id,
    state: row.state as OfferState,
    reason: row.reason,
    exclusive: row.exclusive,
    wave: row.wave,
    deliveryIds: row.delivery_ids,
    size: row.size,
    createdAt: utc(row.created_at),
    expiresAt: utc(row.expires_at),
  };
}

function offeredDelivery(row: DeliveryRow): OpenOfferView['deliveries'][number] {
  const address = ({ address }: Record<string, unknown>) => (typeof address === 'string' ? address : null);
  return {
    deliveryId: row.id,
    sellerOrderId: row.order_ref,
    pickup: { lat: row.pickup_lat, lon: row.pickup_lon, address: address(row.pickup) },
    dropoff: { lat: row.dropoff_lat, lon: row.dropoff_lon, address: address(row.dropoff) },
    size: row.size,
    plannedPickupAt: utcOrNull(row.planned_pickup_at),
    plannedDropoffAt: utcOrNull(row.planned_dropoff_at),
    dropoffAfter: utcOrNull(row.dropoff_after),
    dropoffBefore: utcOrNull(row.dropoff_before),
  };
}

import type { DriverExport } from '../contract/answers.ts';
import type { DriverEventRow, OfferRow } from '../db/schema.ts';
import { selectDevices } from '../db/statements/devices.ts';
import {
  commitDriverErasure,
  type DriverDelivery,
  type EraseResult,
  eraseTraces,
  readDriverDeliveries,
  readDriverEvents,
} from '../db/statements/driver-data.ts';
import { selectSubscriptions } from '../db/statements/push-subscriptions.ts';
import { readOffersMade } from '../db/statements/read-offers.ts';
import { selectDriver } from '../db/statements/reads.ts';
import { projectDrivers } from '../dispatch/project-drivers.ts';
import { DependencyAway } from '../domain/away.ts';
import type { Caller, CommandResult } from '../domain/command.ts';
import { offerView } from '../mappers/offer-view.ts';
import { deliveryEventView, deviceView, driverEventView, driverView } from '../mappers/views.ts';
import type { FlowDeps } from './deps.ts';
import { locateDriver } from './drivers.ts';

type Which = { shopId: string; driverId: string };
const PAGE = 500;

/** Everything that is kept of a driver; null for one the shop does not have. */
export async function exportDriver(
  deps: FlowDeps,
  caller: Caller,
  { shopId, driverId }: Which,
): Promise<DriverExport | null> {
  const row = await selectDriver(deps.db, shopId, driverId);
  if (row === null) return null;
  const last = await locateDriver(deps, caller, shopId, driverId);
  return {
    driver: driverView(row),
    position: last.position,
    lastSeenAt: last.seenAt === null ? null : new Date(last.seenAt).toISOString(),
    history: (await allEvents(deps, shopId, driverId)).map(driverEventView),
    deliveries: (await allDeliveries(deps, shopId, driverId)).map((each) => ({
      deliveryId: each.id,
      sellerOrderId: each.order_ref,
      status: each.status,
      events: each.events.map(deliveryEventView),
    })),
    offers: (await allOffers(deps, shopId, driverId)).map(offerView),
    devices: (await selectDevices(deps.db, shopId, driverId)).map(deviceView),
    pushEndpoints: (await selectSubscriptions(deps.db, shopId, driverId)).map(({ endpoint }) => endpoint),
  };
}

/**
 * Takes a driver away for good: they are retired, and neither Postgres, Redis nor any stored payload says who they were
 * or where. What is left is their id, so that deliveries still say that somebody had them. The proof of a delivery and
 * notes on it are the shop's record of the parcel and follow the delivery's own retention. Interrupted, it may be
 * repeated.
 *
 * So do the photographs they took: these show a parcel at a door and the person there, not the driver; the shop needs
 * them to answer a recipient who says that nothing came, which the driver's leaving must not end. What they are to the
 * people in them is answered by a short time, RETENTION_PHOTOS_DAYS, that goes on running after an erasure.
 */
export async function eraseDriver(
  deps: FlowDeps,
  caller: Caller,
  { shopId, driverId }: Which,
): Promise<CommandResult<EraseResult>> {
  const ran = await commitDriverErasure(deps.db, caller, { shop_id: shopId, driver_id: driverId });
  if ((ran.kind !== 'done' && ran.kind !== 'replayed') || ran.result.outcome !== 'erased') return ran;
  if (ran.kind === 'done') await projectDrivers(deps, caller, ran.drivers);
  while ((await eraseTraces(deps.db, shopId, driverId)) > 0);
  try {
    await deps.availability?.forget(shopId, [driverId]);
  } catch (error) {
    // Redis holds no more than the last position, for a minute; the repair drops what else it has of the retired.
    if (!(error instanceof DependencyAway)) throw error;
    caller.degraded.add('redis');
  }
  return ran;
}

function allEvents({ db }: FlowDeps, shopId: string, driverId: string): Promise<DriverEventRow[]> {
  return allPages((last) => readDriverEvents(db, shopId, driverId, { afterVersion: last?.version ?? 0, limit: PAGE }));
}

function allDeliveries({ db }: FlowDeps, shopId: string, driverId: string): Promise<DriverDelivery[]> {
  return allPages((last) => readDriverDeliveries(db, shopId, driverId, { afterId: last?.id ?? null, limit: PAGE }));
}

function allOffers({ db }: FlowDeps, shopId: string, driverId: string): Promise<OfferRow[]> {
  return allPages((last) => readOffersMade(db, shopId, driverId, { afterId: last?.id ?? null, limit: PAGE }));
}

async function allPages<Row>(pageAfter: (last: Row | undefined) => Promise<readonly Row[]>): Promise<Row[]> {
  const all: Row[] = [];
  for (;;) {
    const page = await pageAfter(all.at(-1));
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

import type { OpenOfferView } from '../contract/offers.ts';
import {
  type AcceptResult,
  commitAcceptance,
  commitDecline,
  type DeclineResult,
} from '../db/statements/answer-offer.ts';
import { readOffers } from '../db/statements/read-offers.ts';
import { projectDrivers } from '../dispatch/project-drivers.ts';
import type { Caller, CommandResult } from '../domain/command.ts';
import { openOfferView } from '../mappers/offer-view.ts';
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
  return rows.map((row) => openOfferView(row, nowMs));
}

/** The deliveries are the driver's, and the plan that follows finds their stops a place. */
export async function acceptOffer(
  deps: FlowDeps,
  caller: Caller,
  { shopId, driverId }: By,
  offerId: string,
): Promise<CommandResult<Exclude<AcceptResult, { outcome: 'moved_on' }>>> {
  const ran = await commitAcceptance(deps.db, caller, { shop_id: shopId, offer_id: offerId, driver_id: driverId });
  if (ran.kind === 'done' && ran.drivers.length > 0) await seen(deps, caller, shopId, { ...ran, isTaken: true });
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
  if (ran.kind === 'done' && ran.result.outcome === 'declined')
    await seen(deps, caller, shopId, { ...ran, isTaken: false });
  return ran;
}

async function seen(
  deps: FlowDeps,
  caller: Caller,
  shopId: string,
  { drivers, isTaken }: CommandResult<unknown> & { kind: 'done'; isTaken: boolean },
) {
  await projectDrivers(deps, caller, drivers);
  await deps.dispatch.mark(shopId, isTaken);
}

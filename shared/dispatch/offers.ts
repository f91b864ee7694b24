import { makeOffers, type OffersInput } from '../db/statements/make-offers.ts';
import { settleOffers } from '../db/statements/settle-offers.ts';
import { type EngineDeps, engineCaller } from './deps.ts';
import { projectDrivers } from './project-drivers.ts';

/** Asks the drivers. @returns how many trips had moved on meanwhile: they are planned again */
export async function carryOutOffers(deps: EngineDeps, offers: OffersInput): Promise<number> {
  const caller = engineCaller();
  const ran = await makeOffers(deps.db, caller, offers);
  if (ran.kind !== 'done') throw new Error(`offers have no key, and were ${ran.kind}`);
  await projectDrivers(deps, caller, ran.drivers);
  return offers.trips.length - ran.result.trips.length;
}

/**
 * Ends what is over of a shop's offers.
 * @param withdrawn a delivery that nobody is to be asked about any more
 * @returns whether anything was
 */
export async function endOffers(deps: EngineDeps, shopId: string, withdrawn?: string): Promise<boolean> {
  const caller = engineCaller();
  const ran = await settleOffers(deps.db, caller, shopId, withdrawn);
  if (ran.kind !== 'done') throw new Error(`what ends offers has no key, and was ${ran.kind}`);
  await projectDrivers(deps, caller, ran.drivers);
  return ran.result.closed + ran.result.again > 0;
}

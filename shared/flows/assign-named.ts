import { type AssignResult, assignDelivery } from '../db/statements/assign-delivery.ts';
import { endOffers } from '../dispatch/offers.ts';
import { projectDrivers } from '../dispatch/project-drivers.ts';
import type { Caller, CommandResult } from '../domain/command.ts';
import type { Refusal } from '../domain/refusal.ts';
import type { FlowDeps } from './deps.ts';

export type NamedResult = Exclude<AssignResult, { outcome: 'moved_on' }>;

/**
 * Gives a delivery to the driver a person chose; before pickup also if another one has it. Its stops come last, and the
 * plan that follows puts them where they fit best.
 * @param choice.pinned no plan takes it away again; true unless said otherwise
 * @param choice.override what the person sets aside: `silent`, `on_break`, `off_shift`. Neither the radius nor an earlier
 * exclusion binds a person, so these need no override
 */
export async function assignNamed(
  deps: FlowDeps,
  caller: Caller,
  shopId: string,
  deliveryId: string,
  choice: { driverId: string; override?: readonly string[] | undefined; pinned?: boolean | undefined },
): Promise<CommandResult<NamedResult>> {
  const assign = () =>
    assignDelivery(deps.db, caller, {
      shop_id: shopId,
      delivery_id: deliveryId,
      driver_id: choice.driverId,
      overrides: choice.override ?? [],
      pinned: choice.pinned ?? true,
      by_hand: true,
    });
  const first = await assign();
  const ran = isKeptForAnOffer(first) && (await endOffers(deps, shopId, deliveryId)) ? await assign() : first;
  if (ran.kind !== 'done' || ran.result.outcome !== 'assigned') return ran;
  await projectDrivers(deps, caller, ran.drivers);
  await deps.dispatch.mark(shopId, true);
  return ran;
}

/** The driver may have no room just because they are being asked about this very delivery. */
function isKeptForAnOffer(ran: CommandResult<NamedResult>): boolean {
  if (ran.kind !== 'done' || ran.result.outcome !== 'refused') return false;
  return ran.result.refusals.includes('full') && ran.result.delivery.dispatch === 'offered';
}

const WHY = {
  unknown: 'no driver in service of this shop has this id',
  off_duty: 'they are not AVAILABLE',
  full: 'they have no room for it',
  silent:
    'they have not been heard from for 60 s, or went off duty by that (give it to them all the same with "override": ["silent"])',
  on_break: 'they are on a break (give it to them all the same with "override": ["on_break"])',
  off_shift: 'their shift is over (give it to them all the same with "override": ["off_shift"])',
} as const satisfies Record<Refusal, string>;

/** In words that name the override which would help. */
export function whyRefused(refusals: readonly Refusal[]): string {
  return `This driver cannot be given it: ${refusals.map((refusal) => WHY[refusal]).join('; ')}`;
}

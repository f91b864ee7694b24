import type { ProjectedDriver } from '../db/statements/run-command.ts';
import { waitingNear } from '../db/statements/waiting-deliveries.ts';
import { POLICIES, type PolicyName } from '../domain/assignment.ts';
import { DependencyAway } from '../domain/away.ts';
import { SILENT_AFTER_S } from '../domain/driver.ts';
import { type FlowDeps, relayCaller } from './deps.ts';
import { decide, toWaiting } from './dispatch-waiting.ts';
import { projectDrivers } from './project-drivers.ts';

/** How many of the longest-waiting deliveries are tried for one driver who has become free. */
const TRIES = 5;

/**
 * A driver who has just become free is offered at once to the longest-waiting deliveries near him. This follows a
 * commit that stands by itself: whatever fails here is tried again by the relay, so it fails in silence.
 */
export async function serveFreedDrivers(deps: FlowDeps, drivers: readonly ProjectedDriver[]): Promise<void> {
  for (const driver of drivers) {
    if (!mayServe(driver)) continue;
    try {
      await serve(deps, driver);
    } catch (error) {
      if (!(error instanceof DependencyAway)) throw error;
    }
  }
}

function mayServe(driver: ProjectedDriver): boolean {
  const heard = driver.seen_age_ms !== null && driver.seen_age_ms < SILENT_AFTER_S * 1000;
  return driver.active && driver.status === 'AVAILABLE' && driver.lat !== null && heard;
}

async function serve(deps: FlowDeps, driver: ProjectedDriver): Promise<void> {
  const shop = await deps.shops.byId(driver.shop_id);
  if (shop === null || driver.lat === null || driver.lon === null) return;
  const position = { lat: driver.lat, lon: driver.lon };
  const rows = await waitingNear(deps.db, {
    shopId: shop.id,
    driverId: driver.id,
    position,
    radiusM: shop.max_radius_m,
    limit: TRIES,
  });
  if (rows.length === 0) return;
  const policy = POLICIES[shop.policy as PolicyName] ?? POLICIES.nearest;
  const proposals = policy({
    nowMs: Date.now(),
    waiting: rows.map(toWaiting),
    candidates: [{ id: driver.id, position, idleSinceMs: driver.idle_since_ms, fixAgeMs: driver.seen_age_ms }],
    settings: { maxRadiusM: shop.max_radius_m, windowSize: 1 },
  });
  const caller = relayCaller();
  for (const { deliveryId, ranked } of proposals) {
    const [best] = ranked;
    if (best === undefined) continue;
    const reasons = { [driver.id]: { distanceM: Math.round(best.distanceM), becameFree: true } };
    const ran = await decide(deps, caller, {
      shopId: shop.id,
      deliveryId,
      candidates: [driver.id],
      reasons,
      named: false,
      final: true,
    });
    if (ran.kind !== 'done') return;
    await projectDrivers(deps, caller, ran.drivers);
    if (ran.drivers.some((changed) => changed.id === driver.id && changed.status !== 'AVAILABLE')) return;
  }
}

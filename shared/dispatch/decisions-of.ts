import { createHash } from 'node:crypto';
import type { PlanDecision, PlanHold } from '../db/statements/commit-plan.ts';
import type { DeliveryFacts } from '../db/statements/read-snapshot.ts';
import type { Decision, Plan } from '../planning/question.ts';
import type { DispatchSettings } from './settings-of-shop.ts';
import type { Snapshot } from './snapshot.ts';
import type { TravelSource } from './travel.ts';

/** A plan, and what is to be remembered of its making. */
export interface PlanMade {
  id: string;
  plan: Plan;
  /** The deadline came before the first round of the search: what could not be placed well stands behind the routes. */
  unsearched: boolean;
  /** Milliseconds that it took. */
  ms: number;
  travel: TravelSource;
  /** Any delivery of the question. */
  factsOf(deliveryId: string): DeliveryFacts | undefined;
  /** By delivery that is told now: what its ASSIGNED event keeps of the choice. */
  reasons: ReadonlyMap<string, Record<string, unknown>>;
}

/** A record for everything whose outcome changes: given to somebody, held, or in vain. */
export function decisionsOf(snapshot: Snapshot, made: PlanMade, holds: readonly PlanHold[]): PlanDecision[] {
  const { plan } = made;
  const records = new Map(plan.decisions.map((record) => [record.deliveryId, record]));
  const about = { plan_id: made.id, policy: snapshot.settings.policy };
  const size = sizeOf(snapshot, made);
  const given = plan.changes.flatMap(({ driverId, told }) =>
    told.map(({ deliveryId, reason }): PlanDecision => {
      const record = records.get(deliveryId);
      const cost_s = rounded(record?.costS);
      return {
        ...about,
        delivery: deliveryId,
        outcome: 'assigned',
        driver: driverId,
        reason,
        cost_s,
        data: { ...size, ...choiceOf(record) },
      };
    }),
  );
  const helped = new Map(plan.unplanned.map(({ deliveryId, help }) => [deliveryId, help]));
  const inMind = new Map(plan.held.map(({ deliveryId, driverId }) => [deliveryId, driverId]));
  const waiting = holds.flatMap((hold): PlanDecision[] => {
    const was = made.factsOf(hold.delivery);
    if (was?.dispatch === hold.state && was.held_reason === hold.reason) return [];
    const outcome = hold.state === 'searching' ? 'unplanned' : 'held';
    const data = {
      ...size,
      ...choiceOf(records.get(hold.delivery)),
      until: hold.until,
      help: helped.get(hold.delivery),
    };
    const driver = inMind.get(hold.delivery) ?? null;
    return [{ ...about, delivery: hold.delivery, outcome, driver, reason: hold.reason ?? outcome, cost_s: null, data }];
  });
  return [...given, ...waiting];
}

function choiceOf(record: Decision | undefined): Record<string, unknown> {
  if (record === undefined) return {};
  return { parts: record.parts, alternatives: record.alternatives, ruledOut: record.ruledOut };
}

function sizeOf({ waiting, drivers, settings }: Snapshot, { plan, ms, travel }: PlanMade): Record<string, unknown> {
  const held = drivers.reduce((sum, { stops }) => sum + stops.length, 0);
  return {
    deliveries: waiting.length + held,
    drivers: drivers.length,
    rounds: plan.rounds,
    ms: Math.round(ms),
    travel,
    settings: settingsHash(settings),
  };
}

/** Tells plans of other settings apart. */
export function settingsHash(settings: DispatchSettings): string {
  return createHash('sha256').update(JSON.stringify(settings)).digest('hex').slice(0, 12);
}

function rounded(seconds: number | null | undefined): number | null {
  return seconds == null ? null : Math.round(seconds);
}

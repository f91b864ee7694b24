import { appendTimes } from './append.ts';
import { shiftLimit } from './cost.ts';
import type { Decision, RuledOutReason, UnplannedDelivery } from './question.ts';
import type { Routes } from './routes.ts';

/** In this order they are named, and among equals the first is the reason. */
const REASONS = [
  'aboard_too_long',
  'window',
  'shift_end',
  'route_in_hand',
  'too_far',
  'tags',
  'capacity',
  'excluded',
  'off_duty',
  'in_hand',
] as const;

/** Why a delivery has no driver, from its record, and what would help. */
export function whyNobody(routes: Routes, i: number, { ruledOut, alternatives }: Decision): UnplannedDelivery {
  const { model } = routes;
  const deliveryId = model.deliveries[i]!.id;
  if (model.m === 0) return { deliveryId, reason: 'no_driver', help: ['a driver on duty'] };
  if (alternatives.length > 0) return { deliveryId, reason: 'too_costly', help: ['one more driver'] };
  const named = REASONS.filter((reason) => (ruledOut[reason] ?? 0) > 0);
  if (named.length === 0) return { deliveryId, reason: 'route_in_hand', help: [helpFor(routes, i, 'route_in_hand')] };
  const reason = named.reduce((most, other) => (ruledOut[other]! > ruledOut[most]! ? other : most));
  return { deliveryId, reason, help: named.map((other) => helpFor(routes, i, other)) };
}

function helpFor(routes: Routes, i: number, reason: RuledOutReason): string {
  const { size = 1, requires = [] } = routes.model.deliveries[i]!;
  switch (reason) {
    case 'aboard_too_long':
      return 'a longer maxAboardS, or a person who gives it to somebody';
    case 'window':
      return `a window that ends ${howMuch(minutesLate(routes, i))}later`;
    case 'shift_end':
      return 'a driver whose shift ends later';
    case 'route_in_hand':
      return 'a driver with less in hand';
    case 'too_far':
      return 'a driver nearer to the pickup, or a larger radius';
    case 'tags':
      return `a driver with the ${requires.length === 1 ? 'tag' : 'tags'} ${[...requires].sort().join(', ')}`;
    case 'capacity':
      return `a driver with room for ${size}`;
    case 'off_duty':
      return 'a driver who comes back from their break';
    case 'excluded':
      return 'asking a driver again who declined or lost it';
    case 'in_hand':
      return 'taking it back from its driver';
  }
}

function howMuch(minutes: number): string {
  return minutes === Number.POSITIVE_INFINITY ? '' : `${minutes} min `;
}

/**
 * By how many minutes the driver who could be there first, after all they have to do, misses its windows. Whoever would
 * be in time, or has no shift left for it, is kept from it by something else. Infinity: nobody is only late.
 */
function minutesLate(routes: Routes, i: number): number {
  const { model } = routes;
  const { latest } = model.byStop;
  const [pickup, dropoff] = [2 * i, 2 * i + 1];
  let least = Number.POSITIVE_INFINITY;
  for (let j = 0; j < model.m; j += 1) {
    if (model.ruledOut[i * model.m + j] !== 0) continue;
    const { picked, dropped } = appendTimes(routes, i, j);
    if (picked > shiftLimit(model, j, pickup) || dropped > shiftLimit(model, j, dropoff)) continue;
    const late = Math.max(picked - latest[pickup]!, dropped - latest[dropoff]!);
    if (late > 0) least = Math.min(least, late);
  }
  return Math.ceil(least / 60);
}

import { appendTimes } from './append.ts';
import type { Decision, RuledOutReason, UnplannedDelivery } from './question.ts';
import type { Routes } from './routes.ts';

/** In this order they are named, and among equals the first is the reason. */
const REASONS = [
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
    case 'window':
      return `a window that ends ${minutesLate(routes, i)} min later`;
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

/** By how many minutes the driver who could be there first, after all they have to do, misses its windows. */
function minutesLate(routes: Routes, i: number): number {
  const { model } = routes;
  let least = Number.POSITIVE_INFINITY;
  for (let j = 0; j < model.m; j += 1) {
    if (model.ruledOut[i * model.m + j] !== 0) continue;
    const { picked, dropped } = appendTimes(routes, i, j);
    least = Math.min(least, Math.max(picked - model.byStop.latest[2 * i]!, dropped - model.byStop.latest[2 * i + 1]!));
  }
  return Math.ceil(least / 60);
}

import type { Routes } from './routes.ts';

/**
 * Until when a customer may be shown no driver: counted from when it could be had at the earliest. Seconds from now,
 * below 0 where that is over.
 */
export function patienceEnds({ model }: Routes, i: number): number {
  const { waitingSinceMs, placedAtMs } = model.deliveries[i]!;
  const since = ((waitingSinceMs ?? placedAtMs) - model.nowMs) / 1_000;
  return Math.max(since, model.byStop.earliest[2 * i]!, model.byStop.earliest[2 * i + 1]!) + model.settings.maxHeldS;
}

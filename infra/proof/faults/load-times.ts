import type { Random } from './random.ts';

/** So many seconds from now. */
export const soon = (seconds: number) => new Date(Date.now() + seconds * 1_000).toISOString();

/** Mostly at any time; else ready in a while, or wanted in a window that is near or has to wait for its time. */
export function windows(random: Random): { pickup?: Record<string, string>; dropoff?: Record<string, string> } {
  return random.pick([
    () => ({}),
    () => ({}),
    () => ({}),
    () => ({ pickup: { readyAt: soon(random.between(20, 300)) } }),
    () => ({ pickup: { after: soon(random.between(80, 140)), before: soon(900) } }),
    () => ({ dropoff: { before: soon(random.between(300, 2_000)) } }),
  ])();
}

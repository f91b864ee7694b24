import type { Sighting } from './history.ts';

/** What somebody sees who looks again and again: from when to when each thing was wrong. */
export interface Sightings<Wrong extends Sighting> {
  /**
   * What is wrong at this look.
   * @param scope what was looked at: of that, all that was wrong before and is not named now is mended
   * @returns how many were wrong at the look before as well
   */
  note(scope: string, atMs: number, wrong: ReadonlyMap<string, Omit<Wrong, keyof Sighting>>): number;
  /** Those that were wrong at two looks at least. */
  all(): readonly Wrong[];
}

export function openSightings<Wrong extends Sighting>(): Sightings<Wrong> {
  const open = new Map<string, Wrong>();
  const closed: Wrong[] = [];
  return {
    note(scope, atMs, wrong) {
      for (const [key, sighting] of open) {
        if (!key.startsWith(`${scope} `) || wrong.has(key.slice(scope.length + 1))) continue;
        open.delete(key);
        // Until the last look, at most; it may have been mended at any time since.
        closed.push({ ...sighting, mended: true });
      }
      let persistent = 0;
      for (const [key, what] of wrong) {
        const known = open.get(`${scope} ${key}`);
        if (known) persistent += 1;
        const sighting = { ...what, sinceMs: known?.sinceMs ?? atMs, untilMs: atMs, mended: false };
        open.set(`${scope} ${key}`, sighting as unknown as Wrong);
      }
      return persistent;
    },
    all: () => [...closed, ...open.values()].filter((sighting) => sighting.untilMs > sighting.sinceMs),
  };
}

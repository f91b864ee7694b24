import type { Availability } from '../availability/availability.ts';
import { readProjected, scanProjected } from '../db/statements/projection.ts';
import { selectShops } from '../db/statements/shops.ts';
import type { FlowDeps } from './deps.ts';
import { differs, type Repair, repairProjection } from './relay/repair-projection.ts';

const PAGE = 500;

/** How Redis differs from Postgres at this moment, for one shop. A difference of a second's age is nothing unusual. */
export interface ProjectionCheck {
  shopId: string;
  shop: string;
  /** False: Redis was never filled for this shop, or lost it. */
  warm: boolean;
  drivers: number;
  /** Ids whose status, version or place in the search is not what Postgres says. */
  different: readonly string[];
  /** Ids in Redis that Postgres does not know, or has retired. */
  unknown: readonly string[];
}

/** Looks only. @throws DependencyAway */
export async function checkProjection(
  deps: Pick<FlowDeps, 'db'> & { availability: Availability },
): Promise<ProjectionCheck[]> {
  const checks: ProjectionCheck[] = [];
  for (const { id, slug } of await allShops(deps)) {
    const { drivers, different } = await compare(deps, id);
    checks.push({
      shopId: id,
      shop: slug,
      warm: await deps.availability.isWarm(id),
      drivers,
      different,
      unknown: await unknownIds(deps, id),
    });
  }
  return checks;
}

/**
 * Empties the projection of every shop and fills it from Postgres. Searches propose fewer drivers for the moment that
 * takes; nothing is booked wrongly. @throws DependencyAway
 */
export async function rebuildProjection(deps: Pick<FlowDeps, 'db'> & { availability: Availability }): Promise<Repair> {
  for (const { id } of await allShops(deps)) {
    for (const ids of await projectedPages(deps.availability, id)) await deps.availability.forget(id, ids);
  }
  return repairProjection(deps);
}

async function allShops({ db }: Pick<FlowDeps, 'db'>) {
  const all = [];
  for (;;) {
    const page = await selectShops(db, all.at(-1)?.id ?? null, PAGE);
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

type Deps = Pick<FlowDeps, 'db'> & { availability: Availability };

async function compare({ db, availability }: Deps, shopId: string) {
  const different: string[] = [];
  let drivers = 0;
  for (let afterId: string | null = null; ; ) {
    const page = await scanProjected(db, shopId, afterId, PAGE);
    const ids = page.map(({ id }) => id);
    const shown = ids.length === 0 ? [] : await availability.statuses(shopId, ids);
    different.push(...page.filter((driver, place) => differs(driver, shown[place] ?? null)).map(({ id }) => id));
    drivers += page.length;
    afterId = ids.at(-1) ?? null;
    if (page.length < PAGE) return { drivers, different };
  }
}

async function unknownIds({ db, availability }: Deps, shopId: string): Promise<string[]> {
  const unknown: string[] = [];
  for (const ids of await projectedPages(availability, shopId)) {
    const known = new Set((await readProjected(db, shopId, ids)).filter(({ active }) => active).map(({ id }) => id));
    unknown.push(...ids.filter((id) => !known.has(id)));
  }
  return unknown;
}

/** All ids at once, because a scan whose hash shrinks meanwhile may end early. */
async function projectedPages(availability: Availability, shopId: string): Promise<string[][]> {
  const pages: string[][] = [];
  let cursor = '0';
  do {
    const page = await availability.projectedIds(shopId, cursor, PAGE);
    cursor = page.cursor;
    if (page.ids.length > 0) pages.push(page.ids);
  } while (cursor !== '0');
  return pages;
}

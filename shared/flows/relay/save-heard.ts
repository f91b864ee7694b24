import type { Availability, Heard } from '../../availability/availability.ts';
import type { Contact } from '../../db/statements/locations.ts';
import { saveContacts } from '../../db/statements/locations.ts';
import { selectShops } from '../../db/statements/shops.ts';
import type { FlowDeps } from '../deps.ts';
import { lookAgain } from '../report-fixes.ts';

/*
 * What Redis has heard of drivers goes to Postgres: the last contact, with the last position. It stays in Redis until
 * Postgres has it, whatever becomes of the server that took it, of the relay that was writing it, and of the driver, who
 * may never be heard again. While a driver reports it is written once in seven seconds or so, all of a shop together.
 */

type Deps = Pick<FlowDeps, 'db' | 'availability' | 'dispatch'>;

const SHOPS = 200;

/** Tells Postgres what was heard in all shops whose turn it is. @returns of how many drivers @throws DependencyAway */
export async function saveHeard(deps: Deps): Promise<number> {
  if (deps.availability === null) return 0;
  let saved = 0;
  let afterId: string | null = null;
  for (;;) {
    const shops = await selectShops(deps.db, afterId, SHOPS);
    const counts = await Promise.all(shops.map(({ id }) => saveHeardOf(deps, id)));
    saved += counts.reduce((sum, count) => sum + count, 0);
    afterId = shops.at(-1)?.id ?? null;
    if (shops.length < SHOPS) return saved;
  }
}

/** The same for one shop. @param anyway also when it is not its turn */
export async function saveHeardOf(deps: Deps, shopId: string, anyway = false): Promise<number> {
  const { availability } = deps;
  if (availability === null) return 0;
  let saved = 0;
  let cursor = '0';
  do {
    const page: Awaited<ReturnType<Availability['unsaved']>> = await availability.unsaved(shopId, cursor, anyway);
    if (page === null) return saved;
    if (page.heard.length > 0) await savePage(deps, shopId, page.heard);
    cursor = page.cursor;
    await availability.saved(shopId, page.heard, cursor === '0');
    saved += page.heard.length;
  } while (cursor !== '0');
  return saved;
}

async function savePage(deps: Deps, shopId: string, heard: readonly Heard[]): Promise<void> {
  await lookAgain(deps, shopId, await saveContacts(deps.db, shopId, heard.map(toContact)));
}

function toContact({ driverId, fix, heardAtMs }: Heard): Contact {
  const { lat = null, lon = null } = fix?.position ?? {};
  return { driver_id: driverId, lat, lon, recorded_at_ms: fix?.recordedAtMs ?? null, heard_at_ms: heardAtMs };
}

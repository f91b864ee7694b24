import type { Position } from '../domain/geo.ts';
import type { Config } from '../runtime/config.ts';

/** A routing server's word on how long ways take. */
export interface Routing {
  /** Seconds for each leg, or null when the server does not know, does not answer in time, or refuses. Never rejects. */
  durationsS(
    legs: readonly (readonly [Position, Position])[],
    vehicle: string | null,
  ): Promise<readonly number[] | null>;
}

/** A page waits for it; the estimate is there at once. */
const TIMEOUT_MS = 800;

const COSTINGS: Readonly<Record<string, string>> = {
  foot: 'pedestrian',
  bicycle: 'bicycle',
  cargo_bike: 'bicycle',
  scooter: 'motor_scooter',
  truck: 'truck',
};

/**
 * Asks the table endpoint of OSRM (`/table/v1`, whose one profile is the one it was built with) or Valhalla
 * (`/sources_to_targets`, which knows vehicles). Of the table only its diagonal is needed.
 */
export function openRouting({ url, engine }: NonNullable<Config['routing']>): Routing {
  const base = url.replace(/\/$/, '');
  const ask = engine === 'osrm' ? askOsrm : askValhalla;
  return {
    async durationsS(legs, vehicle) {
      if (legs.length === 0) return [];
      try {
        const durations = await ask(base, legs, vehicle);
        const complete =
          durations.length === legs.length && durations.every((each) => Number.isFinite(each) && each >= 0);
        return complete ? durations : null;
      } catch {
        return null;
      }
    },
  };
}

type Ask = (
  base: string,
  legs: readonly (readonly [Position, Position])[],
  vehicle: string | null,
) => Promise<number[]>;

const askOsrm: Ask = async (base, legs) => {
  const points = legs.flat().map(({ lat, lon }) => `${lon},${lat}`);
  const places = (from: number) => legs.map((_, leg) => leg * 2 + from).join(';');
  const query = `sources=${places(0)}&destinations=${places(1)}&annotations=duration`;
  const table = (await fetchJson(`${base}/table/v1/driving/${points.join(';')}?${query}`)) as { durations: number[][] };
  return legs.map((_, leg) => table.durations[leg]?.[leg] ?? Number.NaN);
};

const askValhalla: Ask = async (base, legs, vehicle) => {
  const body = {
    sources: legs.map(([from]) => from),
    targets: legs.map(([, to]) => to),
    costing: COSTINGS[vehicle ?? ''] ?? 'auto',
  };
  const table = (await fetchJson(`${base}/sources_to_targets`, body)) as { sources_to_targets: { time: number }[][] };
  return legs.map((_, leg) => table.sources_to_targets[leg]?.[leg]?.time ?? Number.NaN);
};

async function fetchJson(url: string, body?: unknown): Promise<unknown> {
  const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
  const response = await fetch(url, {
    ...post,
    headers: { 'content-type': 'application/json' },
    signal: AbortSignal.timeout(TIMEOUT_MS),
    redirect: 'error',
  });
  if (!response.ok) throw new Error(`routing server: ${response.status}`);
  return response.json();
}

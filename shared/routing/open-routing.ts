import { estimateS } from '../domain/eta.ts';
import type { Position } from '../domain/geo.ts';
import type { Config } from '../runtime/config.ts';

/** A routing server's word on how long ways take. */
export interface Routing {
  /** Seconds for each leg, or null when the server does not know, does not answer in time, or refuses. Never rejects. */
  durationsS(
    legs: readonly (readonly [Position, Position])[],
    vehicle: string | null,
  ): Promise<readonly number[] | null>;
  /** Seconds from each place to each; null as above. */
  tableS(places: readonly Position[], vehicle: string | null): Promise<readonly (readonly number[])[] | null>;
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

/** Any way will do: the estimate has one speed for a vehicle. */
const [HERE, THERE]: readonly [Position, Position] = [
  { lat: 0, lon: 0 },
  { lat: 0.01, lon: 0 },
];

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
        const table = await ask(base, { from: legs.map(([from]) => from), to: legs.map(([, to]) => to) }, vehicle);
        const durations = legs.map((_, leg) => table[leg]?.[leg] ?? Number.NaN);
        return durations.every(isDuration) ? durations : null;
      } catch {
        return null;
      }
    },
    async tableS(places, vehicle) {
      try {
        const table = await ask(base, { from: places, to: places }, vehicle);
        const isWhole = table.length === places.length && table.every((row) => row.length === places.length);
        return isWhole && table.every((row) => row.every(isDuration)) ? table : null;
      } catch {
        return null;
      }
    },
  };
}

function isDuration(seconds: number): boolean {
  return Number.isFinite(seconds) && seconds >= 0;
}

interface Ends {
  from: readonly Position[];
  to: readonly Position[];
}
/** Seconds from each `from` to each `to`. */
type Ask = (base: string, ends: Ends, vehicle: string | null) => Promise<number[][]>;

/**
 * How much longer than by the profile of an OSRM, which is taken to be a car, a way takes: as much as in the estimate.
 * Else somebody on foot is planned, and announced, at the speed of a car. Whose vehicle nobody knows goes as the server
 * says.
 */
function slownessOf(vehicle: string | null): number {
  return vehicle === null ? 1 : estimateS(HERE, THERE, vehicle) / estimateS(HERE, THERE, 'car');
}

const askOsrm: Ask = async (base, { from, to }, vehicle) => {
  const isSquare = from === to;
  const points = (isSquare ? from : [...from, ...to]).map(({ lat, lon }) => `${lon},${lat}`);
  const sources = from.map((_, place) => place).join(';');
  const destinations = to.map((_, place) => from.length + place).join(';');
  const which = isSquare ? '' : `sources=${sources}&destinations=${destinations}&`;
  const url = `${base}/table/v1/driving/${points.join(';')}?${which}annotations=duration`;
  const { durations } = (await fetchJson(url)) as { durations: (number | null)[][] };
  const slowness = slownessOf(vehicle);
  // No way is null, and stays so: times a number it would be no time at all.
  return durations.map((row) => row.map((seconds) => (seconds === null ? Number.NaN : seconds * slowness)));
};

const askValhalla: Ask = async (base, { from, to }, vehicle) => {
  const body = { sources: from, targets: to, costing: COSTINGS[vehicle ?? ''] ?? 'auto' };
  const table = (await fetchJson(`${base}/sources_to_targets`, body)) as { sources_to_targets: { time: number }[][] };
  return table.sources_to_targets.map((row) => row.map(({ time }) => time));
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

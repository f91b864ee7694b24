import type { Wish } from './ask.ts';
import type { Kind } from './history.ts';

/** What an operation asked for, as far as what is stored can say whether it came about. */
export interface Wanted {
  /** Of a step, the delivery's; of a duty, the driver's. */
  status?: string;
  /** Of a duty: the next trip is the last. */
  lastOne?: boolean;
  /** Of an assignment by hand. */
  driverId?: string;
  pinned?: boolean;
  /** Of a change: what is to be new, by its name on the wire (`dropoff.lat`), as JSON. */
  fields?: Readonly<Record<string, string>>;
}

const CHANGES: ReadonlySet<Kind> = new Set(['change', 'change_driver']);
const SAYING: ReadonlySet<Kind> = new Set(['move', 'duty', 'assign_named']);

/** Undefined for a wish of another kind, and for one whose body is no JSON of ours. */
export function wantedBy({ kind, body }: Pick<Wish, 'kind' | 'body'>): Wanted | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  if (CHANGES.has(kind)) return { fields: flat(body) };
  if (!SAYING.has(kind)) return undefined;
  const { status, lastOne, driverId, pinned } = body as Wanted;
  return {
    ...(status !== undefined && { status }),
    ...(lastOne !== undefined && { lastOne }),
    ...(driverId !== undefined && { driverId }),
    ...(pinned !== undefined && { pinned }),
  };
}

function flat(body: object, under = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(flat(value, `${under}${name}.`))
        : [[`${under}${name}`, JSON.stringify(value)]],
    ),
  );
}

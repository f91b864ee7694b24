/*
 * What may be changed of a delivery: the columns, their types as parameters `f`, and their names on the wire. A value that
 * is absent leaves what is stored.
 */

const COLUMNS = {
  pickup_lat: ['float8', 'pickup.lat'],
  pickup_lon: ['float8', 'pickup.lon'],
  pickup_ready_at: ['timestamptz', 'pickup.readyAt'],
  pickup_after: ['timestamptz', 'pickup.after'],
  pickup_before: ['timestamptz', 'pickup.before'],
  pickup_service_s: ['int', 'pickup.serviceS'],
  dropoff_lat: ['float8', 'dropoff.lat'],
  dropoff_lon: ['float8', 'dropoff.lon'],
  dropoff_after: ['timestamptz', 'dropoff.after'],
  dropoff_before: ['timestamptz', 'dropoff.before'],
  dropoff_service_s: ['int', 'dropoff.serviceS'],
  size: ['smallint', 'size'],
  requires: ['text[]', 'requires'],
  priority: ['smallint', 'priority'],
  hard_windows: ['boolean', 'hardWindows'],
  excluded_driver_ids: ['uuid[]', 'excludedDriverIds'],
  notes: ['text', 'notes'],
  pincode: ['text', 'pincode'],
  proof_required: ['text[]', 'proofRequired'],
} as const;
const columns = Object.entries(COLUMNS);
const ENDS = ['pickup', 'dropoff'] as const;

/** Only what is present changes; `pickup` and `dropoff` are merged into what is stored. */
export interface DetailsChange {
  pickup?: Record<string, unknown>;
  pickup_lat?: number;
  pickup_lon?: number;
  pickup_ready_at?: string;
  pickup_after?: string;
  pickup_before?: string;
  pickup_service_s?: number;
  dropoff?: Record<string, unknown>;
  dropoff_lat?: number;
  dropoff_lon?: number;
  dropoff_after?: string;
  dropoff_before?: string;
  dropoff_service_s?: number;
  size?: number;
  requires?: readonly string[];
  priority?: number;
  hard_windows?: boolean;
  excluded_driver_ids?: readonly string[];
  notes?: string;
  pincode?: string;
  proof_required?: readonly string[];
  /** Of the message that says it, if a message does. */
  message_digest?: string;
  /** Another address that comes without coordinates is somewhere else: those of the one before go. */
  relocates?: boolean;
}

/** The parameters of a command that changes details. */
export const CHANGE_PARAMETERS = `pickup json, dropoff json, ${columns.map(([name, [type]]) => `${name} ${type}`).join(', ')},
   message_digest text, relocates boolean`;

const MOVES_AWAY = (row: string) =>
  `(f.relocates AND f.dropoff_lat IS NULL AND (f.dropoff ->> 'address') <> (${row}).dropoff ->> 'address')`;
/** What is said to be null goes. */
const merged = (row: string, end: string, said: string) =>
  `jsonb_strip_nulls((${row}).${end}::jsonb || coalesce(${said}, '{}'))::json`;

/** Everything that was asked for, by column: SQL expressions over `row` and the parameters `f`. */
export function wishedDetails(row: string): Readonly<Record<string, string>> {
  const stays = (name: string) => `coalesce(f.${name}, (${row}).${name})`;
  const place = (name: string) => `CASE WHEN NOT coalesce(${MOVES_AWAY(row)}, false) THEN ${stays(name)} END`;
  return {
    ...Object.fromEntries(columns.map(([name]) => [name, stays(name)])),
    ...Object.fromEntries(ENDS.map((end) => [end, merged(row, end, `f.${end}::jsonb`)])),
    dropoff_lat: place('dropoff_lat'),
    dropoff_lon: place('dropoff_lon'),
    // Another code is another secret: whoever guessed at the one before begins anew.
    pincode_misses: `CASE WHEN f.pincode IS NULL THEN (${row}).pincode_misses ELSE 0 END`,
    message_digest: stays('message_digest'),
  };
}

/** What may be changed of a parcel that is on its way: where it goes does not change any more. */
const ON_THE_WAY = ['phone', 'countryCode', 'notes', 'doorNotes', 'safePlace'];
/** Those, and what is asked for at the door, by their names on the wire, as a SQL array. */
export const CHANGEABLE_ON_THE_WAY = `array['proofRequired',${ON_THE_WAY.map((key) => `'dropoff.${key}'`).join(',')}]`;

/** Of what was asked for, as much as may be changed of a parcel on its way. */
export function wishedOnTheWay(row: string): Readonly<Record<string, string>> {
  const said = `(SELECT jsonb_object_agg(key, value) FROM jsonb_each(f.dropoff::jsonb) WHERE key IN (${ON_THE_WAY.map((key) => `'${key}'`).join(',')}))`;
  return {
    dropoff: merged(row, 'dropoff', said),
    proof_required: `coalesce(f.proof_required, (${row}).proof_required)`,
  };
}

/** The names on the wire of what differs between two rows of a delivery, as a SQL array. */
export function changedFields(before: string, after: string): string {
  const differs = (name: string) => `(${before}).${name} IS DISTINCT FROM (${after}).${name}`;
  const plain = columns.map(([name, [, field]]) => {
    const also = name === 'pincode' ? ` OR ${differs('pincode_misses')}` : '';
    return `CASE WHEN ${differs(name)}${also} THEN '${field}' END`;
  });
  const ends = ENDS.map(
    (
      end,
    ) => `ARRAY(SELECT '${end}.' || key FROM jsonb_object_keys((${before}).${end}::jsonb || (${after}).${end}::jsonb) key
      WHERE (${before}).${end}::jsonb -> key IS DISTINCT FROM (${after}).${end}::jsonb -> key ORDER BY key)`,
  );
  return `array_remove(array[${plain.join(', ')}], NULL) || ${ends.join(' || ')}`;
}

const NO_PLAN_GOES_BY: readonly string[] = ['notes', 'pincode', 'proof_required'];
const fieldsBut = (left: readonly string[]) =>
  `array[${columns
    .filter(([name]) => !left.includes(name))
    .map(([, [, field]]) => `'${field}'`)
    .join(',')}]`;
/** The fields by which a plan goes, as a SQL array. */
export const PLANNED_BY = fieldsBut(NO_PLAN_GOES_BY);
/** Those that make a trip another one than its driver was asked to take. */
export const OFFERED_BY = fieldsBut([...NO_PLAN_GOES_BY, 'priority']);
/** Those that may make its driver the wrong one. */
export const CHOSEN_BY = `array['size','requires','excludedDriverIds','dropoff.lat']`;

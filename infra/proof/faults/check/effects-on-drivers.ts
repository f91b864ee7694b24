import type { Operation } from '../history.ts';
import type { Stored } from './stored.ts';

/** Nobody said it, and they are OFFLINE all the same. */
const OFFLINE_BY_ITSELF: readonly string[] = ['REGISTERED', 'SILENT', 'RETIRED'];

/** At the version that is shown a driver does what they said they would; undefined: so it is. */
export function wrongDuty(operation: Operation, stored: Stored): string | undefined {
  const { target, wanted } = operation;
  const shown = operation.drivers.find(({ id }) => id === target);
  if (shown === undefined) return 'and the answer shows nobody';
  // A crowd's, or one that was not written by the load.
  if (wanted?.status === undefined) return undefined;
  const own = stored.steps(shown.id).filter(({ version }) => version <= shown.version);
  const last = own.findLast(({ type }) => type.startsWith('DUTY_') || OFFLINE_BY_ITSELF.includes(type));
  if (last === undefined) return 'and nothing is known of the driver';
  if (last.type === `DUTY_${wanted.status}`) return undefined;
  const isOffline =
    last.type === 'DUTY_OFFLINE' ||
    OFFLINE_BY_ITSELF.includes(last.type) ||
    // They said that a trip would be their last, and that trip came.
    (last.type === 'DUTY_AVAILABLE' &&
      saidLastOne(shown.id, stored) &&
      own.some(({ version, load }) => version > last.version && load > 0));
  if (isOffline && (wanted.status === 'OFFLINE' || wanted.lastOne)) return undefined;
  return `and they are ${last.type}`;
}

const saidLastOne = (driverId: string, stored: Stored) =>
  stored.about(driverId).some(({ wanted }) => wanted?.lastOne === true);

/** A change is always a version of its own, which shows what was asked for; the newest tags are those in the end. */
export function wrongDriverChange(operation: Operation, stored: Stored): string | undefined {
  const { target, wanted } = operation;
  const shown = operation.drivers.find(({ id }) => id === target);
  if (shown === undefined) return 'and the answer shows nobody';
  const steps = stored.steps(shown.id);
  const event = steps.find(({ version }) => version === shown.version);
  if (event?.type !== 'CHANGED') return 'and nothing has changed';
  const { capacity, tags } = wanted?.fields ?? {};
  if (capacity !== undefined && capacity !== `${event.capacity}`) return 'and the capacity is another';
  if (tags === undefined) return undefined;
  if (tags !== JSON.stringify(shown.tags)) return 'and the tags are others';
  const isLast = !steps.some(({ type, version }) => type === 'CHANGED' && version > shown.version);
  const isSo = !isLast || tags === JSON.stringify(stored.driver(shown.id)?.tags);
  return isSo ? undefined : 'and other tags are stored';
}

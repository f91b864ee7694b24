import { type Evidence, type FaultWindow, isWithoutProof, type Operation, type Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';

/** Of the others' requests while somebody hostile is at work. */
const MAY_BE_UNANSWERED = 0.01;
/** What was broken before may still show. */
const AFTER_MS = 10_000;

/**
 * P10: nobody stops anybody else: while a hostile caller asks, hardly any honest request is refused or unanswered, and
 * none is told that its caller asks too much.
 */
export function checkCallers({ operations, faults }: Evidence, count: Count = UNCOUNTED): Violation[] {
  // Callers without a proof are not honest ones: an address from which too many are refused is told so.
  const limited = operations.find((each) => each.status === 429 && !isWithoutProof(each.kind));
  const found: Violation[] = limited === undefined ? [] : [say('an honest caller was limited', limited)];
  for (const fault of faults.filter(({ group }) => group === 'caller')) {
    const own = operations.filter((each) => each.startMs >= fault.startMs && each.endMs <= fault.endMs);
    const meant = own.filter((each) => !isElsewhere(each, fault, faults));
    count(meant.length);
    const unanswered = meant.filter((each) => each.outcome === 'unknown');
    if (unanswered.length <= meant.length * MAY_BE_UNANSWERED) continue;
    const what = `${unanswered.length} of ${meant.length} requests unanswered while ${fault.name}`;
    found.push({ ...say(what, unanswered[0]), timed: true });
  }
  return found;
}

const say = (what: string, example: unknown): Violation => ({ invariant: 'P10', what, example });
const isElsewhere = (each: Operation, fault: FaultWindow, faults: readonly FaultWindow[]) =>
  faults.some(
    (other) =>
      other !== fault &&
      other.group !== 'receiver' &&
      each.startMs < other.endMs + AFTER_MS &&
      each.endMs > other.startMs,
  );

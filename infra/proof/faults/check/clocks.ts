import { type Evidence, isWithoutProof, type Violation } from '../history.ts';
import { type Count, UNCOUNTED } from './count.ts';

/** A worker is killed to set its clock, and again to set it right: what it was asked around these moments says nothing. */
const CLOCK = /^worker_clock_/;

/**
 * P6: with a worker's clock an hour off, its signed webhooks are refused, every one, and nothing else is for that
 * reason. Who is refused otherwise (forged, foreign, ended) is so by a right clock as well.
 */
export function checkClocks({ operations, faults }: Evidence, count: Count = UNCOUNTED): Violation[] {
  return faults
    .filter((fault) => CLOCK.test(fault.name))
    .flatMap((fault) => {
      const own = operations.filter(
        (each) => each.worker === fault.worker && each.startMs > fault.startMs && each.endMs < fault.endMs,
      );
      count(own.length);
      // The original's hook has no signature, and so no time and no id.
      const signed = own.filter(({ kind, key }) => key !== null && (kind === 'order' || kind === 'cancel_order'));
      const taken = signed.find((each) => each.outcome === 'ok');
      const refused = own.find((each) => each.status === 401 && !isWithoutProof(each.kind) && !signed.includes(each));
      const found: Violation[] = [];
      if (taken)
        found.push({ invariant: 'P6', what: `a signed webhook was taken while ${fault.name}`, example: taken });
      if (refused) found.push({ invariant: 'P6', what: `a proof was refused while ${fault.name}`, example: refused });
      return found;
    });
}

import { allowedNext, type DeliveryStatus } from '#shared/domain/delivery.ts';
import { Problem } from '#shared/http/problem.ts';

/** @param refused.late names on the wire of what cannot be changed any more, such as `dropoff.address` */
export function tooLate({ delivery, late }: { delivery: { status: string }; late: readonly string[] }): Problem {
  const status = delivery.status as DeliveryStatus;
  const errors = late.map((field) => ({ pointer: `/${field.replace('.', '/')}`, detail: 'comes too late' }));
  return new Problem('too_late', `It is ${status}: ${late.join(', ')} cannot be changed any more`, {
    extra: { deliveryStatus: status, allowed: allowedNext(status), errors },
  });
}

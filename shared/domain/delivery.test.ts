import { describe, expect, test } from 'vitest';
import {
  allowedFrom,
  allowedNext,
  DELIVERY_STATUSES,
  type DeliveryStatus,
  DRIVEN_STATUSES,
  ENDED_STATUSES,
  ENDING_STATUSES,
  FINAL_STATUSES,
  isActive,
  mayBeRedelivered,
} from './delivery.ts';

/** Row: from. Column: to, in the same order as the rows. `x` is a legal step. */
const TABLE: Record<DeliveryStatus, string> = {
  //          P A U T D F R C
  PENDING: '  . x . . . . . x',
  ASSIGNED: ' x . x . . x . x',
  PICKED_UP: '. . . x x x . .',
  IN_TRANSIT: '. . . . x x . .',
  DELIVERED: '. . . . . . . .',
  FAILED: '   . . . . . . x .',
  RETURNED: ' . . . . . . . .',
  CANCELLED: '. . . . . . . .',
};
const ORDER = Object.keys(TABLE) as DeliveryStatus[];

const PAIRS = ORDER.flatMap((from) => {
  const marks = TABLE[from].trim().split(' ');
  return ORDER.map((to, column) => ({ from, to, legal: marks[column] === 'x' }));
});

describe('steps of a delivery', () => {
  test('the table covers every ordered pair', () => {
    expect([...ORDER].sort()).toEqual([...DELIVERY_STATUSES].sort());
    expect(PAIRS).toHaveLength(64);
    for (const marks of Object.values(TABLE)) expect(marks.trim()).toMatch(/^[.x]( [.x]){7}$/);
  });

  test.each(PAIRS)('$from → $to: $legal', ({ from, to, legal }) => {
    expect(allowedNext(from).includes(to)).toBe(legal);
  });

  test.each(['DELIVERED', 'RETURNED', 'CANCELLED'] as const)('%s is final', (status) => {
    expect(allowedNext(status)).toEqual([]);
  });

  test('a failed delivery can only be returned', () => {
    expect(allowedNext('FAILED')).toEqual(['RETURNED']);
  });

  test.each(PAIRS)('allowedFrom($to) and allowedNext($from) agree', ({ from, to }) => {
    expect(allowedFrom(to).includes(from)).toBe(allowedNext(from).includes(to));
  });

  test('another attempt begins with the parcel at the pickup point or, after a failure, aboard', () => {
    const pairs = ORDER.flatMap((from) =>
      ORDER.filter((to) => mayBeRedelivered(from, to)).map((to) => `${from} ${to}`),
    );
    expect(pairs).toEqual(['FAILED PENDING', 'FAILED PICKED_UP', 'RETURNED PENDING', 'CANCELLED PENDING']);
  });

  test('a delivery counts towards a load from assignment until it ends', () => {
    expect(DELIVERY_STATUSES.filter(isActive)).toEqual(['ASSIGNED', 'PICKED_UP', 'IN_TRANSIT']);
  });

  test('statements ask for these groups by name', () => {
    expect(FINAL_STATUSES).toEqual(['DELIVERED', 'RETURNED', 'CANCELLED']);
    expect(ENDING_STATUSES).toEqual(['DELIVERED', 'FAILED', 'CANCELLED']);
    expect(DRIVEN_STATUSES).toEqual(['ASSIGNED', 'PICKED_UP', 'IN_TRANSIT', 'DELIVERED', 'FAILED', 'RETURNED']);
    expect(DELIVERY_STATUSES.filter((status) => !isActive(status) && status !== 'PENDING')).toEqual([
      ...ENDED_STATUSES,
    ]);
  });
});

import * as v from 'valibot';
import { expect, test } from 'vitest';
import { deliveryMove } from '#shared/contract/deliveries.ts';
import { addPoint, pathOf, type Stroke } from './signature.ts';

const written = (points: readonly (readonly [number, number])[]) =>
  points.reduce<readonly Stroke[]>((strokes, point) => addPoint(strokes, point), [[]]);
const isTaken = (signature: string | null) =>
  v.safeParse(deliveryMove, { status: 'DELIVERED', proof: { signature } }).success;

test('strokes become a path within the box, without points that nobody could tell apart', () => {
  const path = pathOf(
    written([
      [10.4, 20],
      [11, 20.5],
      [30, 40],
      [-5, 400],
    ]),
  );
  expect(path).toBe('M10 20L30 40L0 150');
  expect(isTaken(path)).toBe(true);
});

test('a tap is no signature', () => {
  expect(pathOf(written([[10, 10]]))).toBeNull();
  expect(pathOf([])).toBeNull();
});

test('however long somebody writes, the service takes it', () => {
  const scrawl = Array.from({ length: 40 }, (_, row) =>
    Array.from({ length: 60 }, (_, n) => [n * 5, (row * 3 + (n % 2) * 20) % 150] as const),
  );
  const path = pathOf(scrawl);
  expect(path?.length).toBeGreaterThan(5_000);
  expect(isTaken(path)).toBe(true);
});

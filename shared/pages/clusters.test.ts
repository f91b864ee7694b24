import { expect, test } from 'vitest';
import { clustersOf } from './clusters.ts';

const points = [
  { x: 10, y: 10 },
  { x: 12, y: 14 },
  { x: 20, y: 18 },
  { x: 200, y: 200 },
];

test('what shares a cell becomes one, what stands alone stays', () => {
  const { clusters, singles } = clustersOf(points, { x: 0, y: 0 }, 50, 3);
  expect(clusters).toEqual([{ x: 14, y: 14, items: points.slice(0, 3) }]);
  expect(singles).toEqual([points[3]]);
});

test('panning does not regroup: points and offset move against each other', () => {
  const moved = points.map(({ x, y }) => ({ x: x - 37, y: y - 41 }));
  const { clusters } = clustersOf(moved, { x: 37, y: 41 }, 50, 3);
  expect(clusters.map(({ items }) => items.length)).toEqual([3]);
});

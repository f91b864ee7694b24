/** Points near each other on the screen, drawn as one. */
export interface Cluster<Item> {
  x: number;
  y: number;
  items: readonly Item[];
}

/**
 * Sorts points into the cells of a grid that is fixed to the ground, so that panning never regroups them. A cell of
 * fewer than `least` stays single points.
 */
export function clustersOf<Item extends { x: number; y: number }>(
  points: readonly Item[],
  offset: { x: number; y: number },
  cellPx: number,
  least: number,
): { clusters: Cluster<Item>[]; singles: Item[] } {
  const cells = new Map<string, Item[]>();
  for (const point of points) {
    const key = `${Math.floor((point.x + offset.x) / cellPx)}:${Math.floor((point.y + offset.y) / cellPx)}`;
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, [point]);
    else cell.push(point);
  }
  const clusters: Cluster<Item>[] = [];
  const singles: Item[] = [];
  for (const items of cells.values()) {
    if (items.length < least) singles.push(...items);
    else {
      const mean = (axis: 'x' | 'y') => items.reduce((sum, item) => sum + item[axis], 0) / items.length;
      clusters.push({ x: mean('x'), y: mean('y'), items });
    }
  }
  return { clusters, singles };
}

/** In which a signature is written, whatever the phone's width: what the service takes. */
export const BOX = { width: 300, height: 150 } as const;
type Point = readonly [x: number, y: number];
export type Stroke = readonly Point[];

/** Nearer points are no more to the eye, and a signature stays within 2 KB. */
const APART = 3;
/** What the service takes (contract/deliveries.ts). */
const MOST_CHARACTERS = 8_000;

const within = (value: number, most: number) => Math.min(most, Math.max(0, Math.round(value)));

/** The strokes with a point more at the end of the last, where it is far enough from the one before. */
export function addPoint(strokes: readonly Stroke[], [x, y]: Point): readonly Stroke[] {
  const stroke = strokes.at(-1) ?? [];
  const point: Point = [within(x, BOX.width), within(y, BOX.height)];
  const last = stroke.at(-1);
  if (last && Math.hypot(last[0] - point[0], last[1] - point[1]) < APART) return strokes;
  return [...strokes.slice(0, -1), [...stroke, point]];
}

/** As the data of an SVG path. A tap is no stroke, and what would be too long to send is left. Null: nothing is written. */
export function pathOf(strokes: readonly Stroke[]): string | null {
  let path = '';
  for (const [first, ...others] of strokes) {
    if (first === undefined || others.length === 0) continue;
    const stroke = `M${first.join(' ')}${others.map((point) => `L${point.join(' ')}`).join('')}`;
    if (path.length + stroke.length <= MOST_CHARACTERS) path += stroke;
  }
  return path === '' ? null : path;
}

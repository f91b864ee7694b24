import { lineOf, snapshotOf, tableOf } from './table.ts';
import type { World } from './world.ts';

const REDRAW_MS = 500;
const LINE_MS = 5_000;

/**
 * Shows how the city does until stopped: a table redrawn in place on a terminal, otherwise a line every 5 s.
 * @returns stops it, and wipes the table away
 */
export function showLive(world: World, out: NodeJS.WriteStream, endsAtMs: number): () => void {
  const { drivers, speed, seed } = world.options;
  let drawn = 0;
  let before = { atMs: performance.now(), requests: world.api.requests() };
  const draw = () => {
    const now = { atMs: performance.now(), requests: world.api.requests() };
    const perS = ((now.requests - before.requests) * 1_000) / Math.max(1, now.atMs - before.atMs);
    if (now.atMs - before.atMs > 4_000) before = now;
    const left = Math.max(0, Math.round((endsAtMs - now.atMs) / 1_000));
    const phase = world.closing.aborted
      ? 'closing'
      : `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')} left`;
    const snapshot = snapshotOf(world, perS);
    if (!out.isTTY) return void out.write(`${lineOf(snapshot, phase)}\n`);
    const title = `${drivers} drivers, ${speed} × real time, seed ${seed} · ${phase} · Ctrl-C to end`;
    // A line that wraps would break the redrawing.
    const lines = tableOf(snapshot, title).map((line) => line.slice(0, (out.columns || 80) - 1));
    out.write(`${wipe(drawn)}${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  draw();
  const timer = setInterval(draw, out.isTTY ? REDRAW_MS : LINE_MS);
  return () => {
    clearInterval(timer);
    if (out.isTTY) out.write(wipe(drawn));
  };
}

/** Cursor up so many lines, and everything below cleared. */
function wipe(lines: number): string {
  return lines === 0 ? '' : `\u001b[${lines}A\u001b[0J`;
}

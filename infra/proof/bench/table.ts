import type { Row, Sample } from './figures.ts';

const HEAD = [
  'row',
  'ours',
  'floor',
  'ratio',
  'wanted',
  '',
  'p50/p99 ms',
  'floor p50/p99',
  'CPU µs/op',
  'CPU ratio',
] as const;

/** The one table, as Markdown, so that it can be pasted into a note as it stands. */
export function renderTable(rows: readonly Row[]): string {
  const cells = [[...HEAD], ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) => `| ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join(' | ')} |`;
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`;
  const [head = [], ...rest] = cells;
  const notes = rows.flatMap(({ name, notes }) => notes.map((note) => `  ${name}: ${note}`));
  return [line(head), rule, ...rest.map(line), '', ...notes].join('\n');
}

function cellsOf({ name, unit, ours, floor, ratio, cpuRatio = null, wanted, reached }: Row): string[] {
  return [
    name,
    `${short(ours.value)} ${unit}`,
    floor === null ? '–' : `${short(floor.value)} ${unit}`,
    ratio === null ? '–' : ratio.toFixed(2),
    wanted,
    typeof reached === 'string' ? reached : reached === null ? '' : reached ? 'yes' : 'NO',
    times(ours),
    floor === null ? '–' : times(floor),
    [ours, floor].map((one) => (one?.cpuUs == null ? '–' : short(one.cpuUs))).join(' / '),
    cpuRatio === null ? '–' : cpuRatio.toFixed(2),
  ];
}

function times({ p50Ms, p99Ms }: Sample): string {
  return p50Ms === null || p99Ms === null ? '–' : `${short(p50Ms)} / ${short(p99Ms)}`;
}

export function short(value: number): string {
  if (!Number.isFinite(value)) return '?';
  if (Math.abs(value) >= 1000) return Math.round(value).toLocaleString('en');
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

/** One line of the table: a measure, and how many decimals it is printed with. */
export interface Measure<Figures> {
  label: string;
  digits: number;
  of(figures: Figures): number;
}

/** Measures below each other, policies side by side; Markdown, so that it can be pasted into a note as it stands. */
export function renderTable<Figures>(
  title: string,
  measures: readonly Measure<Figures>[],
  columns: ReadonlyMap<string, Figures>,
): string {
  const cells = [
    [title, ...columns.keys()],
    ...measures.map(({ label, digits, of }) => [label, ...[...columns.values()].map((one) => of(one).toFixed(digits))]),
  ];
  const widths = (cells[0] ?? []).map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const [head = '', ...rest] = cells.map((row) => {
    const padded = row.map((cell, column) => pad(cell, widths[column] ?? 0, column));
    return `| ${padded.join(' | ')} |`;
  });
  const rule = `|${widths.map((width, column) => `${'-'.repeat(width + 1)}${column === 0 ? '-' : ':'}`).join('|')}|`;
  return [head, rule, ...rest].join('\n');
}

/** Words to the left, numbers to the right. */
function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

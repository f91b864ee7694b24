import { readFileSync } from 'node:fs';
import { parseYaml } from '@redocly/openapi-core';
import { expect, test } from 'vitest';
import { METRICS, type MetricName } from '#shared/runtime/metrics.ts';

interface Rule {
  alert: string;
  expr: string;
  annotations: { summary: string; action: string };
}
const read = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const rules = (parseYaml(read('./alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap(
  (group) => group.rules,
);
const panels = (JSON.parse(read('./dashboard.json')) as { panels: { title: string; targets: { expr: string }[] }[] })
  .panels;
const expressions = [
  ...rules.map(({ alert, expr }) => [alert, expr] as const),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => [title, expr] as const)),
];

/** What a histogram becomes in Prometheus; everything else keeps its name. */
function seriesOf(name: MetricName): string[] {
  return METRICS[name].kind === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : [name];
}
const SERIES = new Map(
  (Object.keys(METRICS) as MetricName[]).flatMap((name) => seriesOf(name).map((series) => [series, name] as const)),
);
const usedIn = (expr: string) => [...expr.matchAll(/dispatch_\w+/g)].map(([series]) => series);

test.each(expressions)('%s asks only for metrics and labels that exist', (_name, expr) => {
  expect(usedIn(expr).length).toBeGreaterThan(0);
  for (const series of usedIn(expr)) expect(SERIES.has(series), series).toBe(true);
  for (const [, series = '', labels = ''] of expr.matchAll(/(dispatch_\w+)\{([^}]*)\}/g)) {
    const known: readonly string[] = METRICS[SERIES.get(series) as MetricName].labels;
    for (const [, label] of labels.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g))
      expect(known, `${label} of ${series}`).toContain(label);
  }
  const known = new Set([
    'le',
    'instance',
    ...usedIn(expr).flatMap((series) => [...METRICS[SERIES.get(series) as MetricName].labels]),
  ]);
  for (const [, by = ''] of expr.matchAll(/by \(([^)]*)\)/g))
    for (const label of by.split(/,\s*/)) expect(known).toContain(label);
});

test.each(expressions)('%s has its brackets closed', (_name, expr) => {
  for (const [open, close] of ['()', '{}', '[]'])
    expect(expr.split(open as string).length).toBe(expr.split(close as string).length);
});

test('every metric is on the dashboard, and every alert says what to do', () => {
  const shown = new Set(panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => usedIn(expr))));
  for (const name of Object.keys(METRICS) as MetricName[])
    expect(
      seriesOf(name).some((series) => shown.has(series)),
      name,
    ).toBe(true);
  for (const { alert, annotations } of rules)
    expect(Object.keys(annotations).sort(), alert).toEqual(['action', 'summary']);
  expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
});

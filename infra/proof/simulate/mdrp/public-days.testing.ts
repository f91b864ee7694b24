import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';

/**
 * Public days of the benchmark, with whole solutions and reference figures. The data has no licence and stays beside the
 * project; where it is absent, what needs it is skipped.
 */
const FOLDER = path.join(projectRoot(), '../shared/mdrp-dev');

export const PUBLIC_DAYS_ABSENT = !existsSync(FOLDER);
export const PUBLIC_INSTANCES = path.join(FOLDER, 'instances');

type Figure =
  | 'delivered'
  | 'ctdMean'
  | 'ctdP90'
  | 'ctdMax'
  | 'overageMean'
  | 'rtpMean'
  | 'rtdMean'
  | 'penalisedCtd'
  | 'utilisation'
  | 'bundleSize'
  | 'cost';
type Reference = Record<Figure, number>;

/** @throws where the table has no such line */
export function readReference(policy: string, instance: string): Reference {
  const [head = '', ...lines] = readFileSync(path.join(FOLDER, 'reference.csv'), 'utf8').trim().split(/\r?\n/);
  const line = lines.find((each) => each.startsWith(`${policy},${instance},`));
  if (!line) throw new Error(`reference.csv has no line ${policy},${instance}`);
  const values = line.split(',');
  const entries = head.split(',').map((name, column) => [name, Number(values[column])]);
  return Object.fromEntries(entries) as Reference;
}

/** One of a solution's files, as the evaluator reads it. */
export function readSolution(policy: string, instance: string, file: string): string {
  return readFileSync(path.join(FOLDER, 'solutions', policy, instance, file), 'utf8');
}

import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeTinyDays } from './mdrp/tiny-day.testing.ts';
import { runSimulate } from './run-simulate.ts';

function run(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  runSimulate(args, { out: (text) => out.push(text), err: (text) => err.push(text) });
  return { out: out.join('\n'), err: err.join('\n') };
}

describe('npm run bench:dispatch', () => {
  let folder = '';
  beforeEach(() => {
    folder = writeTinyDays();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('tells how it is used', () => {
    expect(run('--help').out).toMatch(/--mdrp FOLDER[\s\S]+--city/);
  });

  it('prints a line for each day and one table, policies side by side', () => {
    const { out, err } = run('--mdrp', folder);
    expect(err).toBe('');
    expect(out).toMatch(/1\/2 {2}tiny {11}3 orders {3}nearest \d+\.\d\d {3}planned \d+\.\d\d/);
    expect(out).toMatch(/\| mean of 2 days +\| nearest \| planned \|/);
    expect(out).toMatch(/\| not delivered, % +\| +16\.67 \| +16\.67 \|/);
  });

  it('with --json: one object, progress beside it, and the same again but for the milliseconds', () => {
    const { out, err } = run('--mdrp', folder, '--instances', 'tiny', '--json', '--seed', '3');
    const report = JSON.parse(out);
    expect(err).toContain('tiny');
    expect(report).toMatchObject({
      bench: 'mdrp',
      seed: 3,
      instances: ['tiny'],
      policies: { nearest: { mean: { orders: 3, delivered: 3 } }, planned: { instances: { tiny: { delivered: 3 } } } },
    });
    const { policies } = JSON.parse(run('--mdrp', folder, '--instances', 'tiny', '--json', '--seed', '3').out);
    expect(policies.planned.instances).toEqual(report.policies.planned.instances);
  });

  it('writes the solution files of each policy and day', () => {
    const solutions = path.join(folder, 'solutions');
    run('--mdrp', folder, '--solutions', solutions);
    expect(readdirSync(solutions)).toEqual(['nearest', 'planned']);
    const files = ['solution_info_assignments.txt', 'solution_info_couriers.txt', 'solution_info_orders.txt'];
    expect(readdirSync(path.join(solutions, 'planned', 'tiny')).sort()).toEqual(files);
    const assignments = readFileSync(path.join(solutions, 'nearest', 'tiny', 'solution_info_assignments.txt'), 'utf8');
    expect(assignments.split('\n')[1]).toBe('10 20 c1 o1');
  });

  it('has a column for each economy of the shop', () => {
    const { out } = run('--city', '--days', '1', '--economy', '0,1', '--rounds', '0');
    expect(out).toMatch(/\| mean of 1 days, trouble: none +\| nearest \| planned 0 \| planned 1 \|/);
    expect(out).toMatch(/\| on time, % +\| +\d+\.\d \| +\d+\.\d \| +\d+\.\d \|/);
  }, 60_000);
});

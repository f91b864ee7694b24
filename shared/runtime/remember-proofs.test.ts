import { beforeEach, expect, test } from 'vitest';
import { DependencyAway } from '../domain/away.ts';
import { rememberProofs } from './remember-proofs.ts';

const TTL_MS = 10_000;
const MINUTE_MS = 60_000;

let now: number;
let versions: Map<string, number>;
let isAway: boolean;
let asked: number;
let proofs: ReturnType<typeof rememberProofs<number>>;

beforeEach(() => {
  now = 1_000;
  versions = new Map([
    ['a', 1],
    ['b', 1],
  ]);
  isAway = false;
  asked = 0;
  const load = async (key: string) => {
    asked += 1;
    if (isAway) throw new DependencyAway('postgres', new Error('away'));
    return versions.get(key) ?? null;
  };
  proofs = rememberProofs(load, { ttlMs: TTL_MS, nowMs: () => now });
});

test('asks once while it remembers, and hears of what was withdrawn after that', async () => {
  expect(await Promise.all([proofs.get('a'), proofs.get('a')])).toEqual([1, 1]);
  versions.set('a', 2);
  now += TTL_MS - 1;
  expect(await proofs.get('a')).toBe(1);
  expect(asked).toBe(1);
  now += 1;
  expect(await proofs.get('a')).toBe(2);
  versions.delete('a');
  now += TTL_MS;
  expect(await proofs.get('a')).toBeNull();
});

test('while the source is away a proof that was checked shortly before is good, however long it is away', async () => {
  await proofs.get('a');
  isAway = true;
  for (let minute = 0; minute < 300; minute += 1) {
    now += MINUTE_MS;
    expect(await proofs.get('a')).toBe(1);
  }
  versions.set('a', 2);
  isAway = false;
  now += MINUTE_MS;
  await proofs.get('a');
  expect(await proofs.get('a')).toBe(2);
});

test('what was never checked, or long before, is not taken', async () => {
  await proofs.get('a');
  now += 11 * MINUTE_MS;
  await proofs.get('b');
  isAway = true;
  now += TTL_MS;
  await expect(proofs.get('a')).rejects.toThrow(DependencyAway);
  expect(await proofs.get('b')).toBe(1);
  await expect(proofs.get('c')).rejects.toThrow(DependencyAway);
  now += 24 * 60 * MINUTE_MS;
  await expect(proofs.get('b')).rejects.toThrow(DependencyAway);
});

test('what is known to be withdrawn stays so: remembered as long as what there is, and not beyond while the source is away', async () => {
  await proofs.get('a');
  versions.delete('a');
  now += TTL_MS;
  expect(await proofs.get('a')).toBeNull();
  isAway = true;
  now += TTL_MS - 1;
  expect(await proofs.get('a')).toBeNull();
  expect(asked).toBe(2);
  now += 1;
  await expect(proofs.get('a')).rejects.toThrow(DependencyAway);
});

test('one asker in two seconds tries, and does not wait for it', async () => {
  await proofs.get('a');
  await proofs.get('b');
  isAway = true;
  now += TTL_MS;
  await proofs.get('a');
  asked = 0;
  for (let n = 0; n < 100; n += 1) await Promise.all([proofs.get('a'), proofs.get('b')]);
  expect(asked).toBe(0);
  now += 2_000;
  for (let n = 0; n < 100; n += 1) await Promise.all([proofs.get('a'), proofs.get('b')]);
  expect(asked).toBe(1);
});

test('a source that swallows questions costs the first askers a moment, and the others nothing', async () => {
  let answer = async (): Promise<number | null> => 1;
  const patient = rememberProofs(() => answer(), { ttlMs: TTL_MS, patienceMs: 20, nowMs: () => now });
  await patient.get('a');
  answer = () => new Promise(() => {});
  now += TTL_MS;
  expect(await Promise.all([patient.get('a'), patient.get('a')])).toEqual([1, 1]);
  const startedAtMs = performance.now();
  for (let n = 0; n < 1_000; n += 1) await patient.get('a');
  expect(performance.now() - startedAtMs).toBeLessThan(500);
});

test('a failure that is no absence is told', async () => {
  const failing = rememberProofs<number>(() => Promise.reject(new TypeError('ours')), { ttlMs: TTL_MS });
  await expect(failing.get('a')).rejects.toThrow(TypeError);
});

test('forgets the oldest beyond its number', async () => {
  let loads = 0;
  const small = rememberProofs(async () => ++loads, { ttlMs: TTL_MS, max: 1, nowMs: () => now });
  await small.get('a');
  await small.get('b');
  expect(await small.get('a')).toBe(3);
});

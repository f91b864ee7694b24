import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLeaks } from '../leaks.ts';
import { secretsIn } from '../secrets-told.ts';
import { wantedBy } from '../wanted.ts';
import { BAD_EFFECTS, comesAgain } from './bad-effects.ts';
import { at, type Bad, operation } from './bad-histories.ts';
import { CHECKS, judgeAll } from './check.ts';
import { checkEnough, checkJudged, leastFor } from './enough.ts';
import { DELIVERY, DRIVER, goodHistory, T0 } from './good-history.ts';
import { judge } from './judge.ts';

const spoilt = (spoil: (bad: Bad) => void): Bad => {
  const bad = structuredClone(goodHistory()) as Bad;
  spoil(bad);
  return bad;
};

describe('what was acknowledged', () => {
  it.each(BAD_EFFECTS)('%s says: %s', (check, what, spoil) => {
    const words = CHECKS[check](spoilt(spoil)).map((violation) => violation.what);
    expect(words.join('\n')).toContain(what);
  });

  it('may have been so already', () => {
    const fields = { priority: '1' };
    const state = { status: 'DELIVERED', dispatch: 'settled', driverId: DRIVER, pinned: false } as const;
    const shown = { id: DELIVERY, version: 4, ...state };
    const change = { kind: 'change', target: DELIVERY, wanted: { fields }, startMs: T0 + 60, endMs: T0 + 70 } as const;
    const history = spoilt((good) => {
      good.operations.push(operation({ ...change, key: 'k-8', outcome: 'unknown', status: null }));
      good.operations.push(operation({ ...change, key: 'k-9', deliveries: [shown] }));
    });
    expect(CHECKS.I3(history)).toEqual([]);
  });

  it('may have been asked for several times under one key, and without a key by several', () => {
    const history = spoilt((good) => {
      const rated = { kind: 'rate', target: DELIVERY, startMs: T0 + 60, endMs: T0 + 70 } as const;
      good.operations.push(operation(rated), operation(rated));
      for (const seq of [5, 6])
        good.deliveryEvents.push({ ...at(good.deliveryEvents, 3), seq, type: 'RATED', actor: 'customer' });
    });
    expect(CHECKS.I23(history)).toEqual([]);
    for (const each of history.operations) if (each.kind === 'rate') each.key = 'k-9';
    expect(CHECKS.I23(history)).toHaveLength(1);
  });

  it.each([
    ['no help', null],
    ['help that came later', T0 + 6],
  ])('comes again by itself with %s', (_what, helpedMs) => {
    expect(CHECKS.I6(spoilt((good) => comesAgain(good, helpedMs)))).toEqual([]);
  });
});

describe('a withdrawn token', () => {
  const use = (change: Parameters<typeof operation>[0]) =>
    operation({ kind: 'withdrawn', target: DRIVER, startMs: T0 + 60_000, endMs: T0 + 60_010, ...change });
  const judged = (...uses: Bad['operations']) =>
    CHECKS.P9(spoilt((history) => void history.operations.push(...uses))).length;

  it('is taken where its last use is, by one server', () => {
    const refused = { outcome: 'fail', status: 401, startMs: T0 + 62_000, endMs: T0 + 62_010 } as const;
    expect(judged(use({}))).toBe(1);
    expect(judged(use({}), use(refused))).toBe(0);
    expect(judged(use({}), use({ ...refused, worker: 1 }))).toBe(1);
  });

  it('says nothing beside requests that took as long as a Postgres that is away', () => {
    const slow = { startMs: T0 + 59_000, endMs: T0 + 60_500 };
    expect(judged(use({}), ...[1, 2, 3, 4].map(() => operation(slow)))).toBe(0);
  });
});

describe('what a wish wants', () => {
  it.each([
    ['move', { status: 'FAILED', failureCode: 'REFUSED' }, { status: 'FAILED' }],
    ['duty', { status: 'AVAILABLE', lastOne: true }, { status: 'AVAILABLE', lastOne: true }],
    ['change', { dropoff: { lat: 1.5 }, priority: 1 }, { fields: { 'dropoff.lat': '1.5', priority: '1' } }],
    ['change_driver', { tags: ['cold'], shiftEndsAt: null }, { fields: { tags: '["cold"]', shiftEndsAt: 'null' } }],
    ['create', { size: 1 }, undefined],
  ] as const)('%s %j', (kind, body, wanted) => {
    expect(wantedBy({ kind, body })).toEqual(wanted);
  });
});

describe('how much was judged', () => {
  it('is counted, and nothing is where a fault beside excuses it all', () => {
    const good = judgeAll(goodHistory()).judged;
    expect(good).toMatchObject({ I3: 8, I6: 4, I23: 4, P2: 0 });
    const inside = { startMs: T0 + 105_000, endMs: T0 + 105_010 };
    const judged = spoilt((history) => void history.operations.push(operation(inside)));
    expect(judgeAll(judged).judged.P2).toBe(1);
    judged.faults.push({ ...at(judged.faults, 0), name: 'postgres_slow', group: 'postgres' });
    expect(judgeAll(judged).judged.P2).toBe(0);
  });

  it('must be something in a run of twenty minutes, of all faults', () => {
    expect(checkJudged({ P2: 0, P3: 1 }, 20).map(({ what }) => what)).toEqual(['P2 has judged nothing']);
    expect(checkJudged({ P2: 0, P3: 1 }, 3)).toEqual([]);
    const words = (only: readonly string[] | null) =>
      judge(goodHistory(), { minutes: 20, lenientTimes: false, only }).violations.map(({ what }) => what);
    expect(words(null)).toContain('P7 has judged nothing');
    expect(words(['redis'])).not.toContain('P7 has judged nothing');
  });

  it.each([
    ['redis_loading', {}],
    ['redis_back_from_old_snapshot', { keysLoaded: 0 }],
    ['engine_holder_stopped', { leases: 0 }],
  ])('is nothing of a fault that has not come about: %s', (name, facts) => {
    const history = spoilt((bad) => Object.assign(at(bad.faults, 0), { name, facts }));
    const words = () => checkEnough(history, leastFor(2)).map(({ what }) => what);
    expect(words()).toContain(`${name} has not come about`);
    history.faults.push({ ...at(history.faults, 0), facts: { loading: 1, keysLoaded: 1, leases: 1 } });
    expect(words()).not.toContain(`${name} has not come about`);
  });
});

describe('what nobody may log', () => {
  const request = '{"fixes":[{"lat":52.5312371,"lon":13.4}]}';
  const answer = '{"token":"v1.abcdefghijklmnopqrst","trackingUrl":"http://127.0.0.1/track/abcdefghij_lmnopqrst-vw"}';

  it('is told from requests and answers', () => {
    const secrets = ['52.5312371', 'v1.abcdefghijklmnopqrst', 'abcdefghij_lmnopqrst-vw'];
    expect(secretsIn(request, answer)).toEqual(secrets);
  });

  it('is found in the lines of a log, whole', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dispatch-leaks-'));
    const file = path.join(folder, 'worker-0.log');
    fs.writeFileSync(file, '{"at":52.53123710}\n{"lat":52.5312371,"x":1}\n{"path":"/track/abcdefghij_lmnopqrst-vw"}');
    const read = readLeaks([{ name: 'worker 0', file }], new Set(secretsIn(request, answer)));
    fs.rmSync(folder, { recursive: true });
    expect(read.lines).toBe(3);
    expect(read.leaks).toEqual([
      'worker 0: {"lat":<the forbidden text>,"x":1}',
      'worker 0: {"path":"/track/<the forbidden text>"}',
    ]);
  });
});

import type { DriverStatus } from '#shared/domain/driver.ts';
import { positionOfScore } from '#shared/domain/geo.ts';
import type { Candidate, FixReply, ProjectedStatus, ProjectReply } from './availability.ts';
import { eachOneOf, type Script, strings } from './script.ts';
import forgetLua from './scripts/forget.lua';
import heartbeatLua from './scripts/heartbeat.lua';
import locateLua from './scripts/locate.lua';
import projectLua from './scripts/project.lua';
import searchLua from './scripts/search.lua';
import statusesLua from './scripts/statuses.lua';

type Key = 'geo' | 'status' | 'onlinePrefix' | 'marker';

export const CODES = { AVAILABLE: 'A', BUSY: 'B', OFFLINE: 'O' } as const satisfies Record<DriverStatus, string>;
const STATUSES: Record<string, DriverStatus> = { A: 'AVAILABLE', B: 'BUSY', O: 'OFFLINE' };

export type SearchReply = { outcome: 'COLD' } | { outcome: 'MORE' } | { outcome: 'DONE'; candidates: Candidate[] };

const ALL = ['geo', 'status', 'onlinePrefix'] as const;

/** Every script, its keys and how its replies are read; `scripts.test.ts` holds each against its header. */
export const SCRIPTS = {
  project: {
    name: 'project',
    lua: projectLua,
    keys: ALL,
    read: (reply) => eachOneOf(strings(reply), ['OK', 'STALE', 'CONFLICT']),
  } satisfies Script<Key, ProjectReply[]>,
  locate: {
    name: 'locate',
    lua: locateLua,
    keys: ALL,
    read: readFixes,
  } satisfies Script<Key, FixReply[]>,
  heartbeat: {
    name: 'heartbeat',
    lua: heartbeatLua,
    keys: ALL,
    read: readFixes,
  } satisfies Script<Key, FixReply[]>,
  search: {
    name: 'search',
    lua: searchLua,
    keys: ['geo', 'status', 'onlinePrefix', 'marker'],
    read: readSearch,
  } satisfies Script<Key, SearchReply>,
  statuses: {
    name: 'statuses',
    lua: statusesLua,
    keys: ['geo', 'status'],
    read: readStatuses,
  } satisfies Script<Key, (ProjectedStatus | null)[]>,
  forget: {
    name: 'forget',
    lua: forgetLua,
    keys: ALL,
    read: (reply) => eachOneOf([String(reply)], ['OK']),
  } satisfies Script<Key, 'OK'[]>,
};

/** Every reply there is, made once: nobody changes them, and there are hundreds in a batch. */
const FIX_REPLIES: Readonly<Record<string, FixReply>> = Object.fromEntries(
  Object.entries({ K: 'OK', L: 'OLD', M: 'MISS' } as const).flatMap(([letter, outcome]) =>
    ([false, 'soon', 'now'] as const).map((persist, digit) => [`${letter}${digit}`, { outcome, persist }]),
  ),
);

function readFixes(reply: unknown): FixReply[] {
  if (typeof reply !== 'string' || reply.length % 2 !== 0) throw new TypeError('not pairs of characters');
  return Array.from({ length: reply.length / 2 }, (_, i) => {
    const known = FIX_REPLIES[reply.slice(2 * i, 2 * i + 2)];
    if (known === undefined) throw new TypeError(`reply ${reply.slice(2 * i, 2 * i + 2)}`);
    return known;
  });
}

function readSearch(reply: unknown): SearchReply {
  if (!Array.isArray(reply)) throw new TypeError('not a list');
  const [head, ...fields] = reply as unknown[];
  const [outcome] = eachOneOf([String(head)], ['COLD', 'MORE', 'DONE']);
  if (outcome !== 'DONE') return { outcome: outcome === 'COLD' ? 'COLD' : 'MORE' };
  const candidates: Candidate[] = [];
  for (let i = 0; i < fields.length; i += 3) {
    const [driverId, score, idleSinceMs] = fields.slice(i, i + 3);
    if (typeof driverId !== 'string' || typeof score !== 'number' || typeof idleSinceMs !== 'string') {
      throw new TypeError(`reply ${driverId} ${score} ${idleSinceMs}`);
    }
    candidates.push({ driverId, position: positionOfScore(score), idleSinceMs: Number(idleSinceMs) });
  }
  return { outcome, candidates };
}

function readStatuses(reply: unknown): (ProjectedStatus | null)[] {
  const fields = strings(reply);
  const found: (ProjectedStatus | null)[] = [];
  for (let i = 0; i < fields.length; i += 2) {
    const [inGeo] = eachOneOf(fields.slice(i + 1, i + 2), ['0', '1']);
    const [version, code = ''] = fields[i]?.split(':') ?? [];
    const status = STATUSES[code];
    if (inGeo === undefined || (!status && version !== '')) throw new TypeError(`reply ${fields[i]}`);
    found.push(status ? { version: Number(version), status, inGeo: inGeo === '1' } : null);
  }
  return found;
}

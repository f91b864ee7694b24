import type { DriverStatus } from '#shared/domain/driver.ts';
import { positionOfScore } from '#shared/domain/geo.ts';
import type { Candidate, FixReply, ProjectedStatus, ProjectReply } from './availability.ts';
import type { ShopKeys } from './keys.ts';
import { eachOneOf, type Script, strings } from './script.ts';
import forgetLua from './scripts/forget.lua';
import heartbeatLua from './scripts/heartbeat.lua';
import locateLua from './scripts/locate.lua';
import projectLua from './scripts/project.lua';
import savedLua from './scripts/saved.lua';
import searchLua from './scripts/search.lua';
import spendLua from './scripts/spend.lua';
import statusesLua from './scripts/statuses.lua';
import unsavedLua from './scripts/unsaved.lua';

type Key = keyof Omit<ShopKeys, 'online'>;

export const CODES = { AVAILABLE: 'A', BUSY: 'B', OFFLINE: 'O' } as const satisfies Record<DriverStatus, string>;
const STATUSES: Record<string, DriverStatus> = { A: 'AVAILABLE', B: 'BUSY', O: 'OFFLINE' };

export type SearchReply = { outcome: 'COLD' } | { outcome: 'MORE' } | { outcome: 'DONE'; candidates: Candidate[] };

/** `nowMs`: Redis's clock. */
export type FixReplies = { replies: FixReply[]; nowMs: number };
export type UnsavedReply = { cursor: string; nowMs: number; kept: { driverId: string; text: string }[] } | null;

const SHOWN = ['geo', 'status', 'onlinePrefix'] as const;

/** Every script, its keys and how its replies are read; `scripts.test.ts` holds each against its header. */
export const SCRIPTS = {
  project: {
    name: 'project',
    lua: projectLua,
    keys: SHOWN,
    read: (reply) => eachOneOf(strings(reply), ['OK', 'STALE', 'CONFLICT']),
  } satisfies Script<Key, ProjectReply[]>,
  locate: {
    name: 'locate',
    lua: locateLua,
    keys: [...SHOWN, 'heard', 'saved', 'behindPrefix'],
    read: readFixes,
  } satisfies Script<Key, FixReplies>,
  heartbeat: {
    name: 'heartbeat',
    lua: heartbeatLua,
    keys: [...SHOWN, 'heard', 'saved'],
    read: readFixes,
  } satisfies Script<Key, FixReplies>,
  search: {
    name: 'search',
    lua: searchLua,
    keys: ['geo', 'status', 'onlinePrefix', 'marker'],
    read: readSearch,
  } satisfies Script<Key, SearchReply>,
  statuses: {
    name: 'statuses',
    lua: statusesLua,
    keys: SHOWN,
    read: readStatuses,
  } satisfies Script<Key, (ProjectedStatus | null)[]>,
  forget: {
    name: 'forget',
    lua: forgetLua,
    keys: [...SHOWN, 'heard'],
    read: (reply) => eachOneOf([String(reply)], ['OK']),
  } satisfies Script<Key, 'OK'[]>,
  spend: {
    name: 'spend',
    lua: spendLua,
    keys: ['bucketPrefix'],
    read: (reply) => strings(reply).map(readNumber),
  } satisfies Script<Key, number[]>,
  unsaved: {
    name: 'unsaved',
    lua: unsavedLua,
    keys: ['heard', 'saving'],
    read: readUnsaved,
  } satisfies Script<Key, UnsavedReply>,
  saved: {
    name: 'saved',
    lua: savedLua,
    keys: ['heard', 'saving', 'saved'],
    read: (reply) => eachOneOf([String(reply)], ['OK']),
  } satisfies Script<Key, 'OK'[]>,
};

/** Every reply there is, made once: nobody changes them, and there are hundreds in a batch. */
const FIX_REPLIES: Readonly<Record<string, FixReply>> = Object.fromEntries(
  Object.entries({ K: 'OK', L: 'OLD', M: 'MISS' } as const).flatMap(([letter, outcome]) =>
    [false, true].map((persist, digit) => [`${letter}${digit}`, { outcome, persist }]),
  ),
);

function readFixes(reply: unknown): FixReplies {
  const [word = '', now = ''] = strings(reply, 2);
  if (word.length % 2 !== 0) throw new TypeError('not pairs of characters');
  const replies = Array.from({ length: word.length / 2 }, (_, i) => {
    const known = FIX_REPLIES[word.slice(2 * i, 2 * i + 2)];
    if (known === undefined) throw new TypeError(`reply ${word.slice(2 * i, 2 * i + 2)}`);
    return known;
  });
  return { replies, nowMs: wholeNumber(now) };
}

function readUnsaved(reply: unknown): UnsavedReply {
  const [head = '', cursor = '', now = '', ...fields] = strings(reply);
  const [outcome] = eachOneOf([head], ['WAIT', 'PAGE']);
  if (outcome === 'WAIT') return null;
  const kept: { driverId: string; text: string }[] = [];
  for (let i = 0; i < fields.length; i += 2) kept.push({ driverId: fields[i] ?? '', text: fields[i + 1] ?? '' });
  return { cursor, nowMs: wholeNumber(now), kept };
}

function readNumber(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new TypeError(`number ${text}`);
  return Number(text);
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new TypeError(`number ${text}`);
  return Number(text);
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
  for (let i = 0; i < fields.length; i += 3) {
    const [inGeo] = eachOneOf(fields.slice(i + 1, i + 2), ['0', '1']);
    const [version, code = ''] = fields[i]?.split(':') ?? [];
    const status = STATUSES[code];
    const heardAge = fields[i + 2];
    if (inGeo === undefined || heardAge === undefined || (!status && version !== ''))
      throw new TypeError(`reply ${fields[i]}`);
    const heardAgeMs = heardAge === '' ? null : Number(heardAge);
    found.push(status ? { version: Number(version), status, inGeo: inGeo === '1', heardAgeMs } : null);
  }
  return found;
}

import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { SCRIPTS } from './scripts.ts';

const FOLDER = path.join(import.meta.dirname, 'scripts');
/** Commands of Redis 7.0 that Valkey, Redis Cluster, ElastiCache and Upstash have too. */
const ALLOWED = new Set(
  'TIME GET SET DEL EXISTS MGET HGET HMGET HSET HSETNX HDEL HSCAN GEOSEARCH ZADD ZCOUNT ZREM ZSCORE ZMSCORE'.split(' '),
);
const files = fs.readdirSync(FOLDER).filter((file) => file.endsWith('.lua'));

test('every script file has its typed wrapper, and every wrapper its file', () => {
  expect(files).toEqual(
    Object.keys(SCRIPTS)
      .map((name) => `${name}.lua`)
      .sort(),
  );
});

describe.each(Object.entries(SCRIPTS))('%s', (name, { lua, keys, name: called }) => {
  const [first = '', ...lines] = lua.split('\n');
  const headerEnd = lines.findIndex((line) => !line.startsWith('--'));
  const header = lines.slice(0, headerEnd).join('\n');
  const body = lines.slice(headerEnd).join('\n');

  test('is the file of its name and says what it may do', () => {
    expect(called).toBe(name);
    expect(lua).toBe(fs.readFileSync(path.join(FOLDER, `${name}.lua`), 'utf8'));
    expect(first).toMatch(/^#!lua( flags=(allow-oom|no-writes))?$/);
  });

  test('begins with a contract: purpose, keys in the order of the wrapper, arguments, replies', () => {
    expect(header).toMatch(new RegExp(`^-- ${name.toUpperCase()}: \\S`));
    const named = [...header.matchAll(/^-- KEYS\[(\d+)\] (\w+)/gm)].map(([, at, key]) => [Number(at), key]);
    expect(named).toEqual(keys.map((key, i) => [i + 1, key]));
    expect(header).toMatch(/^-- ARGV {4}\S/m);
    expect(header).toMatch(/^-- Replies \S/m);
  });

  test('uses every key it is given and no other', () => {
    const used = new Set([...body.matchAll(/KEYS\[(\d+)\]/g)].map(([, at]) => Number(at)));
    expect([...used].sort()).toEqual(keys.map((_, i) => i + 1));
  });

  test('gives no reply that its header and its reader do not know', () => {
    const replies = [...body.matchAll(/'(OK|STALE|CONFLICT|OLD|MISS|COLD|DONE|MORE|WAIT|PAGE)'/g)].map(
      ([, reply]) => reply ?? '',
    );
    for (const reply of replies) expect(header).toContain(reply);
    for (const bad of [null, 7, ['NONSENSE'], [7], 'NONSENSE']) expect(() => readWith(name, bad)).toThrow();
  });

  test('sends only commands that every Redis-like store allows', () => {
    const commands = [...body.matchAll(/redis\.p?call\('(\w+)'/g)].map(([, command]) => command ?? '');
    expect(commands.length).toBe([...body.matchAll(/redis\.\w+\(/g)].length);
    expect(commands.filter((command) => !ALLOWED.has(command))).toEqual([]);
  });
});

function readWith(name: string, reply: unknown): unknown {
  return SCRIPTS[name as keyof typeof SCRIPTS].read(reply);
}

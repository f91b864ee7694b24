import { expect, test } from 'vitest';
import { describeError, type LogFields, openLog } from './log.ts';

function recorded(level: 'info' | 'warn' | 'error' | 'silent' = 'info') {
  const lines: string[] = [];
  const log = openLog({ level, write: (line) => lines.push(line), clock: { nowMs: () => 0 } });
  return { log, lines };
}

test('writes one JSON line with time, level, event and fields', () => {
  const { log, lines } = recorded();
  log.info('request', { requestId: 'r-1', status: 200, note: 'two\nlines' });
  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('\n');
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    time: '1970-01-01T00:00:00.000Z',
    level: 'info',
    event: 'request',
    requestId: 'r-1',
    status: 200,
    note: 'two\nlines',
  });
});

test.each([
  'secret',
  'signingSecret',
  'webhook_secret',
  'token',
  'trackingToken',
  'authorization',
  'Authorization',
  'phone',
  'contactPhone',
  'lat',
  'lon',
  'position',
  'address',
  'remoteAddress',
  'apiKey',
  'api_key',
  'x-api-key',
  'password',
  'cookie',
])('%s is redacted at any depth', (key) => {
  const { log, lines } = recorded();
  log.warn('x', { [key]: 'open sesame', list: [{ deep: { [key]: { inner: 'open sesame' } } }] });
  expect(lines[0]).not.toContain('open sesame');
  expect(lines[0]).toContain('[redacted]');
});

test('no field takes the place of what the line is called', () => {
  const fields = { event: 'other', level: 'error', time: 'never', n: 1 } as unknown as LogFields;
  const lines: string[] = [];
  openLog({ level: 'info', write: (line) => lines.push(line), clock: { nowMs: () => 0 } }).info('began', fields);
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { time: '1970-01-01T00:00:00.000Z', level: 'info', event: 'began', n: 1 },
  ]);
});

test('ids and ordinary words that only contain such letters stay', () => {
  const { log, lines } = recorded();
  log.info('x', { driverId: 'd', keyId: 'k', latencyMs: 3, platform: 'p', salon: 's' });
  expect(lines[0]).not.toContain('redacted');
});

test('an error is described without the values it repeats', () => {
  const cause = new Error('invalid input syntax for type uuid: "+49 30 123456"');
  const error = Object.assign(new Error('Failed query: select 1\nparams: 52.5291,13.4013', { cause }), {
    code: '22P02',
  });
  const { log, lines } = recorded();
  log.error('request_failed', { error });
  expect(lines[0]).toContain('"code":"22P02"');
  expect(lines[0]).toContain('invalid input syntax');
  expect(lines[0]).not.toMatch(/123456|52\.5291|13\.4013/);
  expect(describeError(new Error('no such row 52.529112')).message).toBe('no such row #');
});

test('a cycle, a bigint and an invalid date do not break the line', () => {
  const { log, lines } = recorded();
  const loop: Record<string, unknown> = { n: 1n, at: new Date(Number.NaN) };
  loop.self = loop;
  log.info('x', loop);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ n: '1', at: null });
});

test('the level silences what is below it', () => {
  const { log, lines } = recorded('error');
  log.info('a');
  log.warn('b');
  log.error('c');
  expect(lines.map((line) => JSON.parse(line).event)).toEqual(['c']);
});

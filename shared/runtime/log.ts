import { type Clock, systemClock } from './clock.ts';
import { standardOutput } from './lines.ts';

export const LOG_LEVELS = ['info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];
/** What a line is called by is not a field: it would be lost. */
export type LogFields = Readonly<Record<string, unknown>> & { readonly [Own in 'time' | 'level' | 'event']?: never };

export type Log = {
  info(event: string, fields?: LogFields): void;
  warn(event: string, fields?: LogFields): void;
  error(event: string, fields?: LogFields): void;
};

/** Keys whose values never reach a log: proofs of identity, ways to reach a person, where a person is. */
const PRIVATE_KEY =
  /secret|token|authorization|password|passwd|cookie|signature|api-?_?key|operator-?_?key|phone|email|^lat$|^lon$|^lng$|latitude|longitude|position|coordinates|address|contact/i;
const REDACTED = '[redacted]';
const MAX_DEPTH = 8;
const MAX_TEXT = 500;

/**
 * Opens a log that writes one JSON line per call: `{ time, level, event, ...fields }`. Values under private keys are
 * replaced at any depth; errors are described by `describeError`.
 *
 * Forty lines of our own instead of a logging library: a library costs a Lambda more at start than all our handlers
 * need, and what we want of it is one line and the redaction.
 *
 * @param options.write receives each line without its newline; standard output unless given
 */
export function openLog(options: { level: LogLevel; write?: (line: string) => void; clock?: Clock }): Log {
  const { level, write = standardOutput(), clock = systemClock } = options;
  const lowest = LOG_LEVELS.indexOf(level);
  const at =
    (lineLevel: Exclude<LogLevel, 'silent'>) =>
    (event: string, fields: LogFields = {}): void => {
      if (LOG_LEVELS.indexOf(lineLevel) < lowest) return;
      const time = new Date(clock.nowMs()).toISOString();
      const own = { time, level: lineLevel, event };
      write(JSON.stringify({ ...own, ...(redact(fields, 0) as LogFields), ...own }));
    };
  return { info: at('info'), warn: at('warn'), error: at('error') };
}

/**
 * What may be said about an error in a log: name, code, first line of the message without quoted values and long
 * numbers (drivers and query builders repeat parameters there: phone numbers, positions), the frames, and the cause.
 */
export function describeError(error: unknown, depth = 0): LogFields {
  if (!(error instanceof Error)) return { name: 'NonError', message: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const cause = error.cause !== undefined && depth < 3 ? { cause: describeError(error.cause, depth + 1) } : {};
  return {
    name: error.name,
    ...code,
    message: maskValues(error.message),
    frames: frames.slice(0, 8).map((line) => line.trim()),
    ...cause,
  };
}

function maskValues(message: string): string {
  const firstLine = message.split('\n', 1)[0] ?? '';
  return firstLine
    .replace(/"[^"]*"?/g, '"…"')
    .replace(/'[^']*'?/g, "'…'")
    .replace(/\+?\d[\d.\s-]{3,}\d/g, '#')
    .slice(0, MAX_TEXT);
}

function redact(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return value.length > MAX_TEXT ? `${value.slice(0, MAX_TEXT)}…` : value;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Error) return describeError(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (depth >= MAX_DEPTH) return '[deep]';
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => redact(item, depth + 1));
  const clean: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    clean[key] = isPrivate(key) ? REDACTED : redact(item, depth + 1);
  }
  return clean;
}

/** The same few keys come with every line; the pattern is slow enough to be asked once for each. */
const judged = new Map<string, boolean>();
const MAX_JUDGED = 500;

function isPrivate(key: string): boolean {
  const known = judged.get(key);
  if (known !== undefined) return known;
  const verdict = PRIVATE_KEY.test(key);
  if (judged.size < MAX_JUDGED) judged.set(key, verdict);
  return verdict;
}

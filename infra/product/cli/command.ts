import type { ParseArgsConfig } from 'node:util';
import * as v from 'valibot';
import type { Caller } from '#shared/domain/command.ts';
import type { FlowDeps } from '#shared/flows/deps.ts';
import type { Config } from '#shared/runtime/config.ts';

/** What a command works with: the stores of the environment, never HTTP. */
export interface Context {
  deps: FlowDeps;
  config: Config;
  caller: Caller;
}

export type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;

/** What a command came to. `rows` is a table for people; `value`, or else the rows, is what `--json` prints. */
export interface Result {
  /** One line for people, above the table. */
  heading?: string;
  rows?: readonly Readonly<Record<string, unknown>>[];
  value?: unknown;
  /** One line for people, below the table. */
  note?: string;
  /** The command did what it was asked, and the answer is no: exit 1. */
  failed?: boolean;
}

export interface Command {
  /** Names of what stands behind the command, e.g. `<shop>`; all are needed. */
  operands: readonly string[];
  help: string;
  options?: NonNullable<ParseArgsConfig['options']>;
  /** What each option means. */
  optionHelp?: Readonly<Record<string, string>>;
  run(context: Context, operands: readonly string[], values: Values): Promise<Result>;
}

/** The command was called wrongly: exit 2, with the help. */
export class UsageError extends Error {}

/** It was called rightly and cannot be done: exit 1, without a stack. */
export class RefusedError extends Error {}

export function textOf(values: Values, name: string): string | null {
  const value = values[name];
  return typeof value === 'string' ? value : null;
}

/** Words apart by commas; `none`: no word. Null: it is not said. */
export function listOf(values: Values, name: string): readonly string[] | null {
  const text = textOf(values, name);
  if (text === null) return null;
  return text === 'none' ? [] : text.split(',').map((word) => word.trim());
}

/** @throws UsageError unless it is one of `allowed`, or not given */
export function wordOf<Word extends string>(values: Values, name: string, allowed: readonly Word[]): Word | null {
  const text = textOf(values, name);
  if (text === null || allowed.includes(text as Word)) return text as Word | null;
  throw new UsageError(`--${name} must be one of ${allowed.join(', ')}`);
}

/** @throws UsageError */
export function numberOf(values: Values, name: string, preset: number): number {
  const text = textOf(values, name);
  if (text === null) return preset;
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`--${name} must be a whole number`);
  return Number(text);
}

/** What a schema makes of options. @throws UsageError with what it says */
export function checked<S extends v.GenericSchema>(schema: S, value: unknown): v.InferOutput<S> {
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  throw new UsageError(parsed.issues.map((issue) => `${v.getDotPath(issue) ?? ''} ${issue.message}`.trim()).join('\n'));
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** @throws RefusedError */
export function assertId(text: string, what: string): string {
  if (!UUID.test(text)) throw new RefusedError(`${text} is not an id of a ${what} (a UUID)`);
  return text.toLowerCase();
}

/** By slug or id. @throws RefusedError */
export async function shopOf({ deps }: Context, which: string) {
  const shop = UUID.test(which) ? await deps.shops.byId(which.toLowerCase()) : await deps.shops.bySlug(which);
  if (shop === null) throw new RefusedError(`There is no shop ${which}`);
  return shop;
}

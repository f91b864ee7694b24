import type { DriverStatus } from './driver.ts';

/*
 * What everybody means who speaks of a command: HTTP, which reads who asks and under which key; the flows; and the
 * statements, which do it once.
 */

/**
 * One attempt to do something once. The statement that does it stores its answer under (`scope`, `key`); another
 * `requestSha256` under the same pair is `key_reused`.
 */
export interface IdempotencyClaim {
  /** Whose keys these are: `shop:<id>`, `driver:<id>` or `operator`. */
  readonly scope: string;
  /** 1..255 visible ASCII characters. */
  readonly key: string;
  /** Hex, 64 characters. */
  readonly requestSha256: string;
}

/** Who does something, for the event, and on whose request, for the webhooks it causes. */
export interface Requester {
  /** `operator`, `shop:<key>`, `driver:<id>`, `webhook:<id>`, `dispatch` (a plan), `relay`. */
  actor: string;
  /** `null`: no key was sent, and repeating it does it again. */
  idempotency: IdempotencyClaim | null;
  requestId?: string | undefined;
  traceparent?: string | undefined;
}

/** Who asks a flow. */
export interface Caller extends Requester {
  /** Filled by whatever had to do without Redis; becomes the header `Degraded: redis`. */
  degraded: Set<'redis'>;
}

/** A driver as the projection needs them, read by the statement that changed them. Ages in ms by Postgres' clock. */
export interface ProjectedDriver {
  id: string;
  shop_id: string;
  version: number;
  status: DriverStatus;
  active: boolean;
  lat: number | null;
  lon: number | null;
  idle_since_ms: number;
  seen_age_ms: number | null;
  /** When Postgres was asked, by `performance.now()`: the age is as of then, or younger. */
  read_at_ms: number;
}

/** What a command came to: done now, or what it came to when its key was first used; and the drivers it changed. */
export type CommandResult<Result> =
  | { kind: 'done'; result: Result; drivers: readonly ProjectedDriver[] }
  | { kind: 'replayed'; result: Result; drivers: readonly ProjectedDriver[] }
  | { kind: 'in_flight' }
  | { kind: 'key_reused' };

/** One command of a list. */
export interface CommandItem<Input> {
  who: Requester;
  input: Input;
}

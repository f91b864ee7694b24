import type { Caller, CommandResult, IdempotencyClaim } from '../domain/command.ts';
import type { Answer } from './endpoint.ts';
import { replayed } from './idempotency.ts';
import type { Principal } from './principal.ts';
import { Problem } from './problem.ts';

export function callerOf(input: {
  principal: Principal;
  idempotency: IdempotencyClaim | null;
  requestId?: string;
  traceparent?: string | undefined;
}): Caller {
  const { principal, idempotency, requestId, traceparent } = input;
  return { actor: actorOf(principal), idempotency, degraded: new Set(), requestId, traceparent };
}

function actorOf(principal: Principal): string {
  switch (principal.kind) {
    case 'operator':
      return 'operator';
    case 'shop':
      return `shop:${principal.keyId}`;
    case 'driver':
      return `driver:${principal.driverId}`;
  }
}

/**
 * What a command came to; `headers` say if it was given before.
 * @throws Problem `key_in_flight` or `key_reused`
 */
export function settled<Result>(ran: CommandResult<Result>): {
  result: Result;
  headers: Readonly<Record<string, string>>;
} {
  switch (ran.kind) {
    case 'in_flight':
      throw new Problem('key_in_flight', 'Repeat it in a moment', { headers: { 'retry-after': '1' } });
    case 'key_reused':
      throw new Problem('key_reused', 'Use a new Idempotency-Key for a new request');
    case 'done':
      return { result: ran.result, headers: {} };
    case 'replayed':
      return { result: ran.result, headers: replayed() };
  }
}

/** An answer that says what it had to do without (`Degraded: redis`). */
export function reply(
  caller: Pick<Caller, 'degraded'>,
  status: number,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const degraded = [...caller.degraded].join(', ');
  return { status, headers: { ...headers, ...(degraded && { degraded }) }, ...(body !== undefined && { body }) };
}

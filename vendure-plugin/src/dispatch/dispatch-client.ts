import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DRIVER_DISPATCH_OPTIONS } from '../constants';
import type { ResolvedOptions } from '../options';
import type { Position } from './geo';
import type { Change } from './messages';
import * as service from './service/client';
import type { Delivery, Operations, ShopMessage } from './service/types';
import { signedHeaders } from './signing';

export type { Delivery } from './service/types';

type BodyOf<Id extends service.OperationId> = Operations[Id]['answer']['body'];

/** What the service answered; `status` 0: nothing came (away, too slow, not reachable). */
export interface Answer<Body = unknown> {
  status: number;
  body: Body | null;
  /** The service's name for what is wrong, such as `conflict_state`. */
  problem: string | null;
  detail: string | null;
  /** How long it asked us to wait, in ms. */
  retryAfterMs: number | null;
}

/** The service's HTTP interface, as far as a shop needs it. Never throws for an answer or for its absence. */
@Injectable()
export class DispatchClient {
  private readonly client: service.Client;

  constructor(@Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions) {
    const { serviceUrl: baseUrl, timeoutMs } = options;
    // Who asks says whether to ask again: the outbox, the next reconciliation, the person at the button.
    this.client = service.openClient({ baseUrl, timeoutMs, retries: 0 });
  }

  /** Sends a message under an id that stays the same over retries; signed anew each time, since the time must be fresh. */
  postMessage(id: string, message: ShopMessage): Promise<Answer<BodyOf<'receiveShopMessage'>>> {
    const { shop, signingSecrets: secrets } = this.options;
    // By its signature, not by the key.
    const sign = (body: string) => signedHeaders({ id, body, secrets, nowMs: Date.now() });
    return answerOf(this.client.call('receiveShopMessage', { params: { shop }, body: message, sign }));
  }

  /** Signed, and nothing to do: is the secret the one that the service has? */
  ping(): Promise<Answer<BodyOf<'receiveShopMessage'>>> {
    return this.postMessage(`ping_${randomUUID()}`, { type: 'ping' } as never);
  }

  delivery(id: string): Promise<Answer<BodyOf<'getDelivery'>>> {
    return this.ask('getDelivery', { params: { id } });
  }

  deliveriesOf(sellerOrderId: string): Promise<Answer<BodyOf<'listDeliveries'>>> {
    return this.ask('listDeliveries', { query: { sellerOrderId } });
  }

  driver(id: string): Promise<Answer<BodyOf<'getDriver'>>> {
    return this.ask('getDriver', { params: { id } });
  }

  /** Drivers that are free now, nearest first. Asked while a customer waits, so it gives up early. */
  nearest(at: Position, radiusM: number, limit: number): Promise<Answer<BodyOf<'findNearestDrivers'>>> {
    const query = { lat: rounded(at.lat), lon: rounded(at.lon), radiusM, limit };
    return this.ask('findNearestDrivers', { query, signal: AbortSignal.timeout(this.options.lookupTimeoutMs) });
  }

  /** Takes the delivery from its driver, who is not asked again; the service looks for the next one at once. */
  unassign(id: string): Promise<Answer<BodyOf<'unassignDelivery'>>> {
    return this.ask('unassignDelivery', { params: { id }, body: { reason: 'MANUAL_CANCEL' } });
  }

  /** A step that was done without the driver's page; said twice, it is done once. */
  move(
    id: string,
    status: 'PICKED_UP' | 'DELIVERED' | 'RETURNED',
    note: string,
  ): Promise<Answer<BodyOf<'moveDelivery'>>> {
    return this.ask('moveDelivery', { params: { id }, body: { status, note } });
  }

  cancel(id: string, note: string): Promise<Answer<BodyOf<'cancelDelivery'>>> {
    return this.ask('cancelDelivery', { params: { id }, body: { note } });
  }

  /** Another attempt of what has failed, with what has changed since. */
  redeliver(id: string, change: Change): Promise<Answer<BodyOf<'redeliverDelivery'>>> {
    return this.ask('redeliverDelivery', { params: { id }, body: change });
  }

  /** Newest first. */
  deliveries(cursor: string | null, status?: Delivery['status']): Promise<Answer<BodyOf<'listDeliveries'>>> {
    return this.ask('listDeliveries', { query: { limit: 200, status, ...(cursor !== null && { cursor }) } });
  }

  drivers(cursor: string | null): Promise<Answer<BodyOf<'listDrivers'>>> {
    return this.ask('listDrivers', { query: { limit: 200, ...(cursor !== null && { cursor }) } });
  }

  /** Why it was given to whom, newest first. Asked while a page is shown, so it gives up early. */
  decisions(id: string): Promise<Answer<BodyOf<'listDecisions'>>> {
    const signal = AbortSignal.timeout(this.options.lookupTimeoutMs);
    return this.ask('listDecisions', { params: { id }, query: { limit: 20 }, signal });
  }

  /** Whether the service answers at all. */
  health(): Promise<Answer<BodyOf<'getHealth'>>> {
    return this.ask('getHealth', { signal: AbortSignal.timeout(this.options.lookupTimeoutMs * 3) });
  }

  /** Deliveries that no driver is looked for, up to 100. */
  withoutCoordinates(): Promise<Answer<BodyOf<'listDeliveries'>>> {
    return this.ask('listDeliveries', { query: { dispatch: 'needs_location', limit: 100 } });
  }

  /** Whose key it is, and what it may do. */
  me(): Promise<Answer<BodyOf<'getMe'>>> {
    return this.ask('getMe', {});
  }

  shop(id: string): Promise<Answer<BodyOf<'getShop'>>> {
    return this.ask('getShop', { params: { id } });
  }

  /** Needs the scope `admin`. */
  changeShop(
    id: string,
    dispatch: Operations['changeShop']['body']['dispatch'],
  ): Promise<Answer<BodyOf<'changeShop'>>> {
    return this.ask('changeShop', { params: { id }, body: { dispatch } });
  }

  assignNearest(id: string): Promise<Answer<BodyOf<'assignDelivery'>>> {
    return this.ask('assignDelivery', { params: { id }, body: {} });
  }

  private ask<Id extends service.OperationId>(id: Id, input: service.CallInput<Id>): Promise<Answer<BodyOf<Id>>> {
    return answerOf(this.client.call(id, { ...input, token: this.options.apiKey }));
  }
}

/** About 10 cm. */
function rounded(degrees: number): number {
  return Number(degrees.toFixed(6));
}

async function answerOf<Id extends service.OperationId>(
  call: Promise<service.Answer<Id>>,
): Promise<Answer<BodyOf<Id>>> {
  try {
    const { status, body, headers } = await call;
    return { status, body: body ?? null, problem: null, detail: null, retryAfterMs: retryAfterOf(headers) };
  } catch (error) {
    if (!(error instanceof service.ProblemError)) {
      return { status: 0, body: null, problem: null, detail: reasonOf(error), retryAfterMs: null };
    }
    const { status, type, problem, headers } = error;
    const faults = problem?.errors?.map((each) => `${each.pointer.split('/').at(-1)} ${each.detail}`).join('; ');
    const detail = (problem?.detail ?? faults ?? problem?.title)?.slice(0, 500) ?? null;
    return { status, body: null, problem: type, detail, retryAfterMs: retryAfterOf(headers) };
  }
}

function retryAfterOf(headers: Headers): number | null {
  const value = headers.get('retry-after');
  return value !== null && /^\d{1,6}$/.test(value) ? Number(value) * 1000 : null;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unreachable';
  if (error.name === 'TimeoutError') return 'no answer in time';
  const { cause } = error;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : 'unreachable';
}

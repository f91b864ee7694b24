import { Inject, Injectable } from '@nestjs/common';
import { DRIVER_DISPATCH_OPTIONS } from '../constants';
import type { ResolvedOptions } from '../options';
import type { Position } from './geo';
import { signedHeaders } from './signing';

/** What the service answered; `status` 0: nothing came (away, too slow, not reachable). */
export interface Answer<Body = Record<string, unknown>> {
  status: number;
  body: Body | null;
  /** The service's name for what is wrong, such as `conflict_state`. */
  problem: string | null;
  detail: string | null;
  /** How long it asked us to wait, in ms. */
  retryAfterMs: number | null;
}

/** A delivery as `GET /v1/deliveries/:id` shows it: the members that the plugin reads. */
export interface DeliveryView {
  id: string;
  sellerOrderId: string | null;
  status: DeliveryStatus;
  dispatch: string;
  version: number;
  attempt: number;
  driverId: string | null;
  proof: Record<string, unknown> | null;
  failureCode: string | null;
  failureNote: string | null;
  endedAt: string | null;
  updatedAt: string;
}
export type DeliveryStatus =
  | 'PENDING'
  | 'ASSIGNED'
  | 'PICKED_UP'
  | 'IN_TRANSIT'
  | 'DELIVERED'
  | 'FAILED'
  | 'RETURNED'
  | 'CANCELLED';

/** The service's HTTP interface, as far as a shop needs it. Never throws for an answer or for its absence. */
@Injectable()
export class DispatchClient {
  @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions;

  /** Sends a message under an id that stays the same over retries; signed anew each time, since the time must be fresh. */
  postMessage(
    id: string,
    body: string,
  ): Promise<Answer<{ status: string; deliveryId: string | null; message: string }>> {
    const { serviceUrl, shop, signingSecrets: secrets, timeoutMs } = this.options;
    const headers = signedHeaders({ id, body, secrets, nowMs: Date.now() });
    return ask(`${serviceUrl}/v1/webhooks/vendure/${encodeURIComponent(shop)}`, {
      method: 'POST',
      body,
      headers,
      timeoutMs,
    });
  }

  delivery(id: string): Promise<Answer<DeliveryView>> {
    return this.get(`/v1/deliveries/${encodeURIComponent(id)}`);
  }

  deliveriesOf(sellerOrderId: string): Promise<Answer<{ items: DeliveryView[] }>> {
    return this.get(`/v1/deliveries?${new URLSearchParams({ sellerOrderId })}`);
  }

  driver(id: string): Promise<Answer<{ id: string; name: string; phone: string | null; vehicle: string | null }>> {
    return this.get(`/v1/drivers/${encodeURIComponent(id)}`);
  }

  /** Drivers that are free now, nearest first. Asked while a customer waits, so it gives up early. */
  nearest(
    at: Position,
    radiusM: number,
    limit: number,
  ): Promise<Answer<{ drivers: { driverId: string; distanceM: number }[] }>> {
    const query = new URLSearchParams({
      lat: at.lat.toFixed(6),
      lon: at.lon.toFixed(6),
      radiusM: String(radiusM),
      limit: String(limit),
    });
    return this.get(`/v1/drivers/nearest?${query}`, this.options.lookupTimeoutMs);
  }

  /** Takes the delivery from its driver, who is not asked again; the service looks for the next one at once. */
  unassign(id: string): Promise<Answer<DeliveryView>> {
    return this.post(`/v1/deliveries/${encodeURIComponent(id)}/unassign`, { reason: 'MANUAL_CANCEL' });
  }

  assignNearest(id: string): Promise<Answer<DeliveryView>> {
    return this.post(`/v1/deliveries/${encodeURIComponent(id)}/assign`, {});
  }

  private get<Body>(path: string, timeoutMs = this.options.timeoutMs): Promise<Answer<Body>> {
    return ask(this.options.serviceUrl + path, { method: 'GET', headers: this.proof(), timeoutMs });
  }

  private post<Body>(path: string, body: object): Promise<Answer<Body>> {
    const { serviceUrl, timeoutMs } = this.options;
    return ask(serviceUrl + path, { method: 'POST', body: JSON.stringify(body), headers: this.proof(), timeoutMs });
  }

  private proof(): Record<string, string> {
    return { authorization: `Bearer ${this.options.apiKey}` };
  }
}

async function ask<Body>(
  url: string,
  request: { method: string; body?: string; headers: Record<string, string>; timeoutMs: number },
): Promise<Answer<Body>> {
  try {
    const response = await fetch(url, {
      method: request.method,
      headers: { ...request.headers, ...(request.body !== undefined && { 'content-type': 'application/json' }) },
      ...(request.body !== undefined && { body: request.body }),
      // A signed message follows nobody elsewhere.
      redirect: 'error',
      signal: AbortSignal.timeout(request.timeoutMs),
    });
    const body = parse(await response.text());
    return {
      status: response.status,
      body: response.ok ? (body as Body | null) : null,
      problem: response.ok ? null : nameOf(body?.type),
      detail: response.ok ? null : textOf(body?.detail ?? body?.title),
      retryAfterMs: secondsOf(response.headers.get('retry-after')),
    };
  } catch (error) {
    return { status: 0, body: null, problem: null, detail: reasonOf(error), retryAfterMs: null };
  }
}

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** Problem types are URIs or bare names; the name is what follows the last separator. */
function nameOf(type: unknown): string | null {
  return typeof type === 'string' ? (type.split(/[/:#]/).pop() ?? null) : null;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value.slice(0, 500) : null;
}

function secondsOf(value: string | null): number | null {
  return value !== null && /^\d{1,6}$/.test(value) ? Number(value) * 1000 : null;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unreachable';
  if (error.name === 'TimeoutError') return 'no answer in time';
  const { cause } = error;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : 'unreachable';
}

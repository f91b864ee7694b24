import { Inject, Injectable } from '@nestjs/common';
import {
  Fulfillment,
  type ID,
  Logger,
  type Order,
  type RequestContext,
  ScheduledTask,
  TransactionalConnection,
} from '@vendure/core';
import { And, In, IsNull, LessThan, MoreThan, Not } from 'typeorm';
import { ReceivedEvent } from '../callback/received-event.entity';
import { DRIVER_DISPATCH_OPTIONS, HANDLER_CODE, loggerCtx } from '../constants';
import { type Delivery, DispatchClient } from '../dispatch/dispatch-client';
import type { ResolvedOptions } from '../options';
import { AutoFulfiller } from '../orders/auto-fulfiller';
import { DeliveryRequests } from '../orders/delivery-requests';
import { DriverFulfillments } from '../orders/fulfillments';
import { ENDED } from '../orders/order-listener';
import { UnsentOrders } from '../orders/unsent-orders';
import { Outbox } from '../outbox/outbox';
import { FulfillmentFollower } from './follower';
import { NewsIntake } from './intake';
import type { ServiceEvent } from './news';
import { Round } from './round';

export interface Reconciled {
  /** Fulfillments that were made: of orders without one, or of what was added to an order. */
  fulfilled: number;
  /** Requests and cancellations that were sent again. */
  resent: number;
  /** Fulfillments that were brought to where their delivery is. */
  caughtUp: number;
}

const DAY_MS = 86_400_000;
const LOOK_BACK_MS = 14 * DAY_MS;
/** Rows that are read at once. */
const BATCH = 200;
/** So long a run looks for new orders, for old ones, and for deliveries that moved: the task is given four minutes. */
const EACH_MS = 60_000;

/** Finds what was lost on either way (a callback that never came, a shop or a service that was restored) and mends it. Safe to repeat. */
@Injectable()
export class Reconciler {
  @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions;
  private readonly orders = { recent: new Round(), told: new Round() };
  private readonly parcels = new Round();

  constructor(
    private readonly connection: TransactionalConnection,
    private readonly client: DispatchClient,
    private readonly outbox: Outbox,
    private readonly intake: NewsIntake,
    private readonly follower: FulfillmentFollower,
    private readonly fulfillments: DriverFulfillments,
    private readonly requests: DeliveryRequests,
    private readonly autoFulfiller: AutoFulfiller,
    private readonly unsent: UnsentOrders,
  ) {}

  async reconcile(now: Date = new Date()): Promise<Reconciled> {
    const ctx = await this.fulfillments.contextFor();
    const result: Reconciled = {
      fulfilled: (await this.fulfilForgotten(ctx, 'recent', now)) + (await this.fulfilForgotten(ctx, 'told', now)),
      resent: 0,
      caughtUp: 0,
    };
    const untilMs = Date.now() + EACH_MS;
    for await (const fulfillment of this.parcels.rows((behind) => this.unfinished(ctx, now, behind))) {
      const done = await this.compare(ctx, fulfillment).catch((error: unknown) => {
        Logger.error(
          `Reconciling ${fulfillment.customFields.deliveryRef} failed`,
          loggerCtx,
          error instanceof Error ? error.stack : '',
        );
        return null;
      });
      if (done !== null && done !== 'away') result[done] += 1;
      if (done === 'away' || Date.now() > untilMs) break;
    }
    await this.connection
      .getRepository(ctx, ReceivedEvent)
      .delete({ createdAt: LessThan(new Date(now.getTime() - 7 * DAY_MS)) });
    return result;
  }

  private async fulfilForgotten(ctx: RequestContext, which: 'recent' | 'told', now: Date): Promise<number> {
    let count = 0;
    const untilMs = Date.now() + EACH_MS;
    for await (const { id } of this.orders[which].rows((behind) => this.unsent.page(which, now, BATCH, behind))) {
      const before = (await this.fulfillments.ofOrder(ctx, id)).length;
      await this.autoFulfiller.fulfil(id);
      count += (await this.fulfillments.ofOrder(ctx, id)).length - before;
      if (Date.now() > untilMs) break;
    }
    return count;
  }

  /** Those that are still to be delivered, and cancelled ones whose delivery goes on. */
  private unfinished(ctx: RequestContext, now: Date, behind: ID | null): Promise<Fulfillment[]> {
    const [old, recent] = [LessThan(this.old(now)), MoreThan(new Date(now.getTime() - LOOK_BACK_MS))];
    const ours = { handlerCode: HANDLER_CODE, ...(behind !== null && { id: MoreThan(behind) }) };
    const stillRunning = { deliveryStatus: Not(In([...ENDED])), deliveryId: Not(IsNull()) };
    return this.connection.getRepository(ctx, Fulfillment).find({
      where: [
        { ...ours, updatedAt: old, state: In(['Pending', 'Shipped']) },
        { ...ours, updatedAt: And(old, recent), state: 'Cancelled', customFields: stillRunning },
      ],
      order: { id: 'ASC' },
      take: BATCH,
    });
  }

  /** One fulfillment beside its delivery. */
  private async compare(ctx: RequestContext, fulfillment: Fulfillment): Promise<'resent' | 'caughtUp' | 'away' | null> {
    const { deliveryRef, deliveryId } = fulfillment.customFields;
    if (deliveryRef === null) return null;
    const found = await this.deliveryOf(deliveryRef, deliveryId);
    if (found === 'away') return 'away';
    const order = await this.fulfillments.orderOf(ctx, fulfillment.id);
    if (order === null) return null;
    if (found === null) return this.requestAgain(order, fulfillment);
    const over = fulfillment.state === 'Cancelled' || order.state === 'Cancelled';
    if (over && (found.status === 'PENDING' || found.status === 'ASSIGNED')) {
      const about = { orderId: order.id, fulfillmentId: fulfillment.id };
      const note = 'Cancelled in the shop';
      await this.outbox.add(ctx, about, { type: 'delivery.cancelled', sellerOrderId: deliveryRef, note });
      return 'resent';
    }
    const caughtUp = await this.catchUp(fulfillment, found);
    // Known, and not followed: the order was being changed when the driver moved on.
    if (caughtUp === null) await this.follower.followAll(order.id);
    return caughtUp;
  }

  private async deliveryOf(deliveryRef: string, deliveryId: string | null): Promise<Delivery | null | 'away'> {
    if (deliveryId !== null) {
      const { status, body } = await this.client.delivery(deliveryId);
      if (status === 200 && body) return body;
      if (status !== 404) return 'away';
    }
    const { status, body } = await this.client.deliveriesOf(deliveryRef);
    return status === 200 && body ? (body.items[0] ?? null) : 'away';
  }

  /** Under a new id, since the snapshot is a new one; the service still makes one delivery per order. */
  private async requestAgain(order: Order, fulfillment: Fulfillment): Promise<'resent' | null> {
    if (fulfillment.state === 'Cancelled' || order.state === 'Cancelled') return null;
    // What was known of a delivery that is not there is of no use for the next one.
    await this.resend(fulfillment.id, order, { deliveryId: null, deliverySequence: null });
    return 'resent';
  }

  async resend(fulfillmentId: ID, order: Order, forget: Partial<Fulfillment['customFields']> = {}): Promise<void> {
    const ctx = await this.fulfillments.contextFor(order);
    await this.connection.withTransaction(ctx, async (tx) => {
      await this.fulfillments.lock(tx, fulfillmentId);
      const fulfillment = await this.fulfillments.find(tx, { id: fulfillmentId });
      if (fulfillment === null) return;
      const { message, remember } = await this.requests.request(tx, order, fulfillment);
      await this.fulfillments.save(tx, fulfillment, { ...remember, ...forget, deliveryError: null });
      await this.outbox.add(tx, { orderId: order.id, fulfillmentId: fulfillment.id }, message);
    });
  }

  /** Brings the shop to where the delivery is; returns null where it is there already, or Vendure does not let it. */
  async catchUp({ customFields: known }: Fulfillment, delivery: Delivery): Promise<'caughtUp' | null> {
    const same = known.deliveryStatus === delivery.status && (delivery.driverId === null || known.driverName !== null);
    if (known.deliverySequence !== null && (same || delivery.version <= known.deliverySequence)) return null;
    const event = await this.eventOf(known.deliveryRef ?? '', delivery);
    return (await this.intake.take(event)) === 'applied' ? 'caughtUp' : null;
  }

  private async eventOf(sellerOrderId: string, delivery: Delivery): Promise<ServiceEvent> {
    const driver = delivery.driverId === null ? null : (await this.client.driver(delivery.driverId)).body;
    const { failureCode, failureNote: note, proof, plannedDropoffAt } = delivery;
    return {
      kind: kindOf(delivery.status, delivery.dispatch),
      sequence: delivery.version,
      sellerOrderId,
      deliveryId: delivery.id,
      status: delivery.status,
      driver: driver && { id: driver.id, name: driver.name, phone: driver.phone, vehicle: driver.vehicle },
      occurredAt: new Date(delivery.endedAt ?? delivery.updatedAt),
      plannedDropoffAt: plannedDropoffAt === null ? null : new Date(plannedDropoffAt),
      trackingUrl: null,
      data: { failureCode, note, proof },
    };
  }

  private old(now: Date): Date {
    return new Date(now.getTime() - this.options.reconcileAfterMs);
  }
}

function kindOf(status: Delivery['status'], dispatch: string): ServiceEvent['kind'] {
  if (status !== 'PENDING') return status;
  return dispatch === 'exhausted' ? 'EXHAUSTED' : 'CREATED';
}

/** To be seen, started and stopped in the dashboard under "Scheduled tasks". */
export function reconciliationTask(schedule: string): ScheduledTask {
  return new ScheduledTask({
    id: 'driver-dispatch-reconcile',
    description: 'Finds orders without a delivery, and fulfillments that lag behind their delivery',
    schedule,
    timeout: '4m',
    preventOverlap: true,
    execute: ({ injector }) => injector.get(Reconciler).reconcile(),
  });
}

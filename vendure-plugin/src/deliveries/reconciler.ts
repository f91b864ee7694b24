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
import { In, IsNull, LessThan, Not } from 'typeorm';
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
const BATCH = 200;

/** Finds what was lost on either way (a callback that never came, a shop or a service that was restored) and mends it. Safe to repeat. */
@Injectable()
export class Reconciler {
  @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions;

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
      fulfilled: await this.fulfilForgotten(ctx, now),
      resent: 0,
      caughtUp: 0,
    };
    for (const fulfillment of await this.unfinished(ctx, now)) {
      const done = await this.compare(ctx, fulfillment).catch((error: unknown) => {
        Logger.error(
          `Reconciling ${fulfillment.customFields.deliveryRef} failed`,
          loggerCtx,
          error instanceof Error ? error.stack : '',
        );
        return null;
      });
      if (done === 'away') break;
      if (done !== null) result[done] += 1;
    }
    await this.connection
      .getRepository(ctx, ReceivedEvent)
      .delete({ createdAt: LessThan(new Date(now.getTime() - 7 * DAY_MS)) });
    return result;
  }

  private async fulfilForgotten(ctx: RequestContext, now: Date): Promise<number> {
    let count = 0;
    for (const id of await this.unsent.ids(now, BATCH)) {
      const before = (await this.fulfillments.ofOrder(ctx, id)).length;
      await this.autoFulfiller.fulfil(id);
      count += (await this.fulfillments.ofOrder(ctx, id)).length - before;
    }
    return count;
  }

  private async unfinished(ctx: RequestContext, now: Date): Promise<Fulfillment[]> {
    const repository = this.connection.getRepository(ctx, Fulfillment);
    const relevant = { handlerCode: HANDLER_CODE, updatedAt: LessThan(this.old(now)) };
    const open = await repository.find({
      where: { ...relevant, state: In(['Pending', 'Shipped']) },
      relations: ['lines'],
      order: { updatedAt: 'ASC' },
      take: BATCH,
    });
    const recent = new Date(now.getTime() - LOOK_BACK_MS);
    const stillRunning = await repository
      .createQueryBuilder('f')
      .leftJoinAndSelect('f.lines', 'line')
      .where({
        ...relevant,
        state: 'Cancelled',
        customFields: { deliveryStatus: Not(In([...ENDED])), deliveryId: Not(IsNull()) },
      })
      .andWhere('f.updatedAt > :recent', { recent })
      .take(BATCH)
      .getMany();
    return [...open, ...stillRunning];
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

import { Inject, Injectable } from '@nestjs/common';
import { Fulfillment, type ID, TransactionalConnection, UserInputError } from '@vendure/core';
import { In } from 'typeorm';
import { DRIVER_DISPATCH_OPTIONS } from '../constants';
import { type Answer, type Delivery, DispatchClient } from '../dispatch/dispatch-client';
import { onDay } from '../dispatch/local-time';
import type { ResolvedOptions } from '../options';
import { ENDED } from '../orders/order-listener';

/** So many pages of 200 are read at most. */
const PAGES = 5;

type Listed = Pick<
  Delivery,
  | 'id'
  | 'sellerOrderId'
  | 'status'
  | 'dispatch'
  | 'driverId'
  | 'dropoff'
  | 'plannedDropoffAt'
  | 'createdAt'
  | 'endedAt'
  | 'failureCode'
>;

/** What a dispatcher looks at in the dashboard: the day as the service knows it. */
@Injectable()
export class DispatchDay {
  @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions;

  constructor(
    private readonly client: DispatchClient,
    private readonly connection: TransactionalConnection,
  ) {}

  /** Made today, ended today, or not ended yet; newest first. */
  async deliveries(now = new Date()) {
    const [listed, drivers] = await Promise.all([this.listed(now), this.client.drivers()]);
    const names = new Map((drivers.body?.items ?? []).map(({ id, name }) => [id, name]));
    const orderIds = await this.orderIds(listed.flatMap(({ sellerOrderId }) => sellerOrderId ?? []));
    return listed.map((each) => ({
      id: each.id,
      reference: each.sellerOrderId,
      orderId: orderIds.get(each.sellerOrderId ?? '') ?? null,
      status: each.status,
      waitsFor: each.status === 'PENDING' ? each.dispatch : null,
      driverName: each.driverId === null ? null : (names.get(each.driverId) ?? null),
      address: each.dropoff.address ?? null,
      plannedAt: each.plannedDropoffAt,
      createdAt: each.createdAt,
      endedAt: each.endedAt,
      failureCode: each.failureCode,
    }));
  }

  /** Everybody who may drive, with what they have done today. */
  async drivers(now = new Date()) {
    const [listed, answer] = await Promise.all([this.listed(now), this.client.drivers()]);
    return bodyOf(answer)
      .items.filter(({ active }) => active)
      .map(({ id, name, phone, vehicle, status, load, capacity }) => {
        const theirs = listed.filter(({ driverId }) => driverId === id);
        const count = (wanted: string) => theirs.filter((each) => each.status === wanted).length;
        const underWay = theirs.filter((each) => !(ENDED as readonly string[]).includes(each.status)).length;
        const today = { delivered: count('DELIVERED'), failed: count('FAILED') + count('RETURNED'), underWay };
        return { id, name, phone, vehicle, status, load, capacity, ...today };
      });
  }

  private async listed(now: Date): Promise<Listed[]> {
    const [today, yesterday] = [0, -1].map((day) => onDay(this.options.timeZone, now, day, 0).toISOString());
    const found: Listed[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < PAGES; page += 1) {
      const { items, next }: { items: readonly Listed[]; next: string | null } = bodyOf(
        await this.client.deliveries(cursor),
      );
      found.push(...items.filter(({ createdAt, endedAt }) => endedAt === null || (endedAt ?? createdAt) >= today!));
      cursor = next;
      // Whoever still waits since the day before yesterday is not of this day.
      if (cursor === null || (items.at(-1)?.createdAt ?? '') < yesterday!) break;
    }
    return found;
  }

  private async orderIds(references: string[]): Promise<Map<string, ID>> {
    if (references.length === 0) return new Map();
    const fulfillments = await this.connection.rawConnection
      .getRepository(Fulfillment)
      .find({ where: { customFields: { deliveryRef: In(references) } }, relations: ['orders'] });
    return new Map(
      fulfillments.flatMap(({ customFields: { deliveryRef }, orders: [order] }) =>
        deliveryRef === null || order === undefined ? [] : [[deliveryRef, order.id] as const],
      ),
    );
  }
}

function bodyOf<Body>(answer: Answer<Body>): Body {
  if (answer.body !== null) return answer.body;
  throw new UserInputError(`The dispatch service says: ${answer.detail ?? `status ${answer.status}`}`);
}

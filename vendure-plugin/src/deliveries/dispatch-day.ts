import { Inject, Injectable } from '@nestjs/common';
import { DEFAULT_CHANNEL_CODE } from '@vendure/common/lib/shared-constants';
import { Fulfillment, type ID, type RequestContext, TransactionalConnection, UserInputError } from '@vendure/core';
import { In } from 'typeorm';
import { DRIVER_DISPATCH_OPTIONS } from '../constants';
import { type Answer, type Delivery, DispatchClient } from '../dispatch/dispatch-client';
import { onDay } from '../dispatch/local-time';
import type { Driver } from '../dispatch/service/types';
import type { ResolvedOptions } from '../options';
import { ENDED } from '../orders/order-listener';

/** So many pages of 200 are read at most, of each list. */
const PAGES = 5;
const OPEN = ['PENDING', 'ASSIGNED', 'PICKED_UP', 'IN_TRANSIT'] as const satisfies readonly Delivery['status'][];

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
> & {
  /** Null: an order of none of this shop's fulfillments. */
  orderId: ID | null;
};
type Page = { items: readonly Omit<Listed, 'orderId'>[]; next: string | null };
type DriversPage = { items: readonly Driver[]; next: string | null };

/** What a dispatcher looks at in the dashboard: the day as the service knows it. */
@Injectable()
export class DispatchDay {
  @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions;

  constructor(
    private readonly client: DispatchClient,
    private readonly connection: TransactionalConnection,
  ) {}

  /** Made today, not ended yet, or ended today (of those made since yesterday); newest first. */
  async deliveries(ctx: RequestContext, now = new Date()) {
    // Without the names, where the service does not say who its drivers are.
    const [listed, drivers] = await Promise.all([this.listed(ctx, now), this.allDrivers().catch(() => [])]);
    const names = new Map(drivers.map(({ id, name }) => [id, name]));
    return listed.map((each) => ({
      id: each.id,
      reference: each.sellerOrderId,
      orderId: each.orderId,
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

  /** Everybody who may drive, with what they have done today for orders of this channel. */
  async drivers(ctx: RequestContext, now = new Date()) {
    const [listed, drivers] = await Promise.all([this.listed(ctx, now), this.allDrivers()]);
    return drivers
      .filter(({ active }) => active)
      .map(({ id, name, phone, vehicle, status, load, capacity }) => {
        const theirs = listed.filter(({ driverId }) => driverId === id);
        const count = (wanted: string) => theirs.filter((each) => each.status === wanted).length;
        const underWay = theirs.filter((each) => !(ENDED as readonly string[]).includes(each.status)).length;
        const today = { delivered: count('DELIVERED'), failed: count('FAILED') + count('RETURNED'), underWay };
        return { id, name, phone, vehicle, status, load, capacity, ...today };
      });
  }

  /** In the default channel all; in another one, which may be a seller's, the deliveries of its orders alone. */
  private async listed(ctx: RequestContext, now: Date): Promise<Listed[]> {
    const found = await this.ofTheDay(now);
    const orderIds = await this.orderIds(
      ctx,
      found.flatMap(({ sellerOrderId }) => sellerOrderId ?? []),
    );
    const listed = found.map((each) => ({ ...each, orderId: orderIds.get(each.sellerOrderId ?? '') ?? null }));
    return isDefaultChannel(ctx) ? listed : listed.filter(({ orderId }) => orderId !== null);
  }

  private async ofTheDay(now: Date): Promise<Page['items']> {
    const [today, yesterday] = [0, -1].map((day) => onDay(this.options.timeZone, now, day, 0).toISOString());
    const newest = await this.pages(undefined, yesterday);
    // What was made days ago for a later window stands behind all that was made since.
    const older = newest.next === null ? [] : await Promise.all(OPEN.map((status) => this.pages(status)));
    const found = new Map([newest, ...older].flatMap(({ items }) => items.map((each) => [each.id, each] as const)));
    return [...found.values()]
      .filter(({ createdAt, endedAt }) => endedAt === null || (endedAt ?? createdAt) >= today!)
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt) || b.id.localeCompare(a.id));
  }

  /** @param since pages of what was made before that are not read */
  private async pages(status?: Delivery['status'], since = ''): Promise<Page> {
    const found: Page = { items: [], next: null };
    for (let page = 0; page < PAGES; page += 1) {
      const { items, next }: Page = bodyOf(await this.client.deliveries(found.next, status));
      Object.assign(found, { items: [...found.items, ...items], next });
      if (next === null || (items.at(-1)?.createdAt ?? '') < since) break;
    }
    return found;
  }

  private async allDrivers(): Promise<Driver[]> {
    const found: Driver[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < PAGES; page += 1) {
      const { items, next }: DriversPage = bodyOf(await this.client.drivers(cursor));
      found.push(...items);
      if (next === null) break;
      cursor = next;
    }
    return found;
  }

  private async orderIds(ctx: RequestContext, references: string[]): Promise<Map<string, ID>> {
    if (references.length === 0) return new Map();
    const ofChannel = isDefaultChannel(ctx) ? {} : { orders: { channels: { id: ctx.channelId } } };
    const fulfillments = await this.connection.rawConnection
      .getRepository(Fulfillment)
      .find({ where: { customFields: { deliveryRef: In(references) }, ...ofChannel }, relations: ['orders'] });
    return new Map(
      fulfillments.flatMap(({ customFields: { deliveryRef }, orders: [order] }) =>
        deliveryRef === null || order === undefined ? [] : [[deliveryRef, order.id] as const],
      ),
    );
  }
}

function isDefaultChannel({ channel }: RequestContext): boolean {
  return channel.code === DEFAULT_CHANNEL_CODE;
}

function bodyOf<Body>(answer: Answer<Body>): Body {
  if (answer.body !== null) return answer.body;
  throw new UserInputError(`The dispatch service says: ${answer.detail ?? `status ${answer.status}`}`);
}

import { Inject, Injectable } from '@nestjs/common';
import { HistoryEntryType } from '@vendure/common/lib/generated-types';
import {
  Allocation,
  ChannelService,
  ConfigService,
  Fulfillment,
  HistoryService,
  type ID,
  idsAreEqual,
  Logger,
  Order,
  RequestContext,
  RequestContextService,
  type StockLocation,
  StockLocationService,
  TransactionalConnection,
} from '@vendure/core';
import { In } from 'typeorm';
import { DRIVER_DISPATCH_OPTIONS, HANDLER_CODE, loggerCtx } from '../constants';
import { distanceM, type Position } from '../dispatch/geo';
import { type DispatchMessage, dropoffOf, hashOf, type Stop, stop } from '../dispatch/messages';
import type { ResolvedOptions } from '../options';
import { amountToCollect } from './cash';
import { lockOrder } from './order-lock';

/** Our fulfillments and the orders they belong to, read and written in the caller's transaction. */
@Injectable()
export class DriverFulfillments {
  @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions;

  constructor(
    private readonly connection: TransactionalConnection,
    private readonly channelService: ChannelService,
    private readonly configService: ConfigService,
    private readonly historyService: HistoryService,
    private readonly requestContextService: RequestContextService,
    private readonly stockLocationService: StockLocationService,
  ) {}

  /** A context to act for the shop with, in a channel that the order is in. */
  async contextFor(order?: Order): Promise<RequestContext> {
    const fallback = await this.channelService.getDefaultChannel();
    const channels = order?.channels ?? [];
    const channel =
      channels.length === 0 || channels.some((each) => idsAreEqual(each.id, fallback.id)) ? fallback : channels[0];
    return this.requestContextService.create({ apiType: 'admin', channelOrToken: channel ?? fallback });
  }

  /** See there. */
  lock(ctx: RequestContext, orderId: ID): Promise<void> {
    return lockOrder(this.connection, ctx, orderId);
  }

  async find(ctx: RequestContext, which: { id: ID } | { deliveryRef: string }): Promise<Fulfillment | null> {
    const where = 'id' in which ? { id: which.id } : { customFields: { deliveryRef: which.deliveryRef } };
    return this.connection
      .getRepository(ctx, Fulfillment)
      .findOne({ where: { ...where, handlerCode: HANDLER_CODE }, relations: ['lines'] });
  }

  /** All of this order that are ours, the cancelled ones too. */
  ofOrder(ctx: RequestContext, orderId: ID): Promise<Fulfillment[]> {
    return this.connection.getRepository(ctx, Fulfillment).find({
      where: { handlerCode: HANDLER_CODE, orders: { id: orderId } },
      relations: ['lines'],
      order: { id: 'ASC' },
    });
  }

  async orderOf(ctx: RequestContext, fulfillmentId: ID): Promise<Order | null> {
    const orders = this.connection.getRepository(ctx, Order);
    const found = await orders.findOne({ where: { fulfillments: { id: fulfillmentId } }, order: { id: 'ASC' } });
    return found === null ? null : this.order(ctx, found.id);
  }

  /** With everything that subscribers to our events may want to print. */
  order(ctx: RequestContext, orderId: ID): Promise<Order | null> {
    return this.connection.getRepository(ctx, Order).findOne({
      where: { id: orderId },
      relations: [
        'channels',
        'customer',
        'lines',
        'surcharges',
        'shippingLines',
        'shippingLines.shippingMethod',
        'payments',
      ],
    });
  }

  async save(
    ctx: RequestContext,
    fulfillment: Fulfillment,
    fields: Partial<Fulfillment['customFields']>,
  ): Promise<void> {
    Object.assign(fulfillment.customFields, fields);
    await this.connection
      .getRepository(ctx, Fulfillment)
      .save(new Fulfillment({ id: fulfillment.id, customFields: fields as Fulfillment['customFields'] }), {
        reload: false,
      });
  }

  /** A line in the order's history; public ones are the customer's to read. */
  async note(ctx: RequestContext, orderId: ID, note: string, isPublic: boolean): Promise<void> {
    await this.historyService.createHistoryEntryForOrder(
      { ctx, orderId, type: HistoryEntryType.ORDER_NOTE, data: { note } },
      isPublic,
    );
  }

  /**
   * The request for a delivery as it stands at this moment, and what to remember of it. `deliveryRef` is the order's code
   * for the first of our fulfillments and `<code>/<n>` for later ones (see the handler).
   */
  async request(ctx: RequestContext, order: Order, fulfillment: Fulfillment) {
    const { deliveryRef } = fulfillment.customFields;
    if (deliveryRef === null) throw new Error('A fulfillment of ours has a deliveryRef');
    const [dropoff, pickup] = [await this.dropoff(ctx, order, fulfillment), await this.pickup(ctx, order, fulfillment)];
    const message: DispatchMessage = {
      type: 'delivery.requested',
      sellerOrderId: deliveryRef,
      channelId: this.channelIdOf(order),
      ...(pickup && { pickup }),
      dropoff,
    };
    const [from, to] = [located(pickup), located(dropoff)];
    const tripM = from && to ? Math.round(distanceM(from, to)) : null;
    return { message, remember: { tripM, dropoffHash: hashOf(dropoff) } };
  }

  /** Where this parcel goes, to whom, and what they owe, as the order stands now. */
  async dropoff(ctx: RequestContext, order: Order, fulfillment: Fulfillment): Promise<Stop> {
    const address = order.shippingAddress ?? {};
    const at = await this.locate(() => this.options.geocoder.locateAddress(ctx, address));
    const { firstName, lastName, phoneNumber } = order.customer ?? {};
    const owed = amountToCollect(order, fulfillment, await this.ofOrder(ctx, order.id), this.options);
    return dropoffOf(address, at, {
      name: [firstName, lastName].filter(Boolean).join(' '),
      phone: phoneNumber,
      collect: owed > 0 ? `Collect ${this.money(owed, order)} at the door.` : undefined,
    });
  }

  private money(amount: number, { currencyCode }: Order): string {
    const digits = this.configService.entityOptions.moneyStrategy.precision ?? 2;
    return `${(amount / 10 ** digits).toFixed(digits)} ${currencyCode}`;
  }

  /** Left out where the stock location has no coordinates: the service then takes the shop's default pickup point. */
  private async pickup(ctx: RequestContext, order: Order, fulfillment: Fulfillment): Promise<Stop | undefined> {
    const location = await this.stockLocationOf(ctx, fulfillment);
    const at = await this.locate(() => this.options.geocoder.locateStock?.(ctx, location));
    if (at === undefined) return undefined;
    const { preparationMs } = this.options;
    const waitMs = typeof preparationMs === 'number' ? preparationMs : await preparationMs(ctx, order);
    return stop({
      ...at,
      name: location.name,
      address: location.customFields.pickupAddress,
      phone: location.customFields.pickupPhone,
      stockLocationId: this.encode(location.id),
      readyAt: waitMs > 0 ? new Date(Date.now() + waitMs).toISOString() : undefined,
    });
  }

  /** Where most of these goods are allocated. */
  private async stockLocationOf(ctx: RequestContext, fulfillment: Fulfillment): Promise<StockLocation> {
    const allocations = await this.connection.getRepository(ctx, Allocation).find({
      where: { orderLine: { id: In(fulfillment.lines.map((line) => line.orderLineId)) } },
      relations: ['stockLocation'],
      order: { id: 'ASC' },
    });
    const totals = new Map<ID, { location: StockLocation; quantity: number }>();
    for (const { stockLocation: location, quantity } of allocations) {
      totals.set(location.id, { location, quantity: (totals.get(location.id)?.quantity ?? 0) + quantity });
    }
    const [most] = [...totals.values()].sort((a, b) => b.quantity - a.quantity);
    return most?.location ?? this.stockLocationService.defaultStockLocation(ctx);
  }

  /** The seller's channel where there is one, as the Admin API writes its id. */
  private channelIdOf(order: Order): string {
    const own = order.channels.find((channel) => channel.code !== '__default_channel__') ?? order.channels[0];
    return own === undefined ? '' : this.encode(own.id);
  }

  encode(id: ID): string {
    const strategy = this.configService.entityOptions.entityIdStrategy ?? this.configService.entityIdStrategy;
    return String(strategy?.encodeId(id as never) ?? id);
  }

  private async locate(
    find: () => Promise<Position | undefined> | Position | undefined,
  ): Promise<Position | undefined> {
    try {
      return await find();
    } catch (error) {
      // An order must not fail because a map is away; the delivery waits for its coordinates instead.
      Logger.warn(`The geocoder failed: ${error instanceof Error ? error.message : 'unknown'}`, loggerCtx);
      return undefined;
    }
  }
}

function located({ lat, lon }: Stop = {}): Position | undefined {
  return lat === undefined || lon === undefined ? undefined : { lat, lon };
}

/** Whether the order asks for our drivers, and with which of its lines. */
export function linesForDrivers(order: Order): { orderLineId: ID; quantity: number }[] {
  const ours = order.shippingLines.filter((line) => line.shippingMethod?.fulfillmentHandlerCode === HANDLER_CODE);
  const all = ours.length === order.shippingLines.length;
  return order.lines
    .filter((line) => line.quantity > 0)
    .filter(
      (line) =>
        all || ours.some((each) => line.shippingLineId !== undefined && idsAreEqual(each.id, line.shippingLineId)),
    )
    .map((line) => ({ orderLineId: line.id, quantity: line.quantity }))
    .filter(() => ours.length > 0);
}

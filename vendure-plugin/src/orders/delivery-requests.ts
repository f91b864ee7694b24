import { Inject, Injectable } from '@nestjs/common';
import {
  Allocation,
  ConfigService,
  type Fulfillment,
  type ID,
  idsAreEqual,
  Logger,
  type Order,
  OrderLine,
  type RequestContext,
  type StockLocation,
  StockLocationService,
  TransactionalConnection,
} from '@vendure/core';
import { In } from 'typeorm';
import { DRIVER_DISPATCH_OPTIONS, loggerCtx } from '../constants';
import { distanceM, type Position } from '../dispatch/geo';
import {
  type Changeable,
  cashOf,
  dropoffOf,
  hashOf,
  type RequestMessage,
  type Stop,
  shortText,
  stop,
} from '../dispatch/messages';
import type { ResolvedOptions } from '../options';
import { opensAt } from '../settings/hours';
import { ShopSettingsStore } from '../settings/shop-settings';
import { amountToCollect } from './cash';
import { DriverFulfillments } from './fulfillments';

/** What the service is told of a parcel, as its order stands now. */
@Injectable()
export class DeliveryRequests {
  @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions;

  constructor(
    private readonly connection: TransactionalConnection,
    private readonly configService: ConfigService,
    private readonly fulfillments: DriverFulfillments,
    private readonly stockLocationService: StockLocationService,
    private readonly settings: ShopSettingsStore,
  ) {}

  /**
   * The request for a delivery as it stands at this moment, and what to remember of it. `deliveryRef` is the order's code
   * for the first of our fulfillments and `<code>/<n>` for later ones (see the handler).
   */
  async request(ctx: RequestContext, order: Order, fulfillment: Fulfillment) {
    const { deliveryRef } = fulfillment.customFields;
    if (deliveryRef === null) throw new Error('A fulfillment of ours has a deliveryRef');
    const { changeable, remember } = await this.changeable(ctx, order, fulfillment);
    const [{ dropoff }, pickup] = [changeable, await this.pickup(ctx, order, fulfillment)];
    const message: RequestMessage = {
      type: 'delivery.requested',
      sellerOrderId: deliveryRef,
      channelId: this.channelIdOf(order),
      ...(pickup && { pickup }),
      ...changeable,
    };
    const [from, to] = [located(pickup), located(dropoff)];
    const tripM = from && to ? Math.round(distanceM(from, to)) : null;
    return { message, remember: { ...remember, tripM } };
  }

  /**
   * What may be otherwise until the parcel is picked up: where it goes, what is in it and what is owed for it; and what to
   * remember of it when it is sent.
   */
  async changeable(ctx: RequestContext, order: Order, fulfillment: Fulfillment) {
    const parcels = await this.fulfillments.allOf(ctx, order.id);
    const toldToCollect = amountToCollect(order, fulfillment, parcels, this.options);
    const [dropoff, notes] = [await this.dropoff(ctx, order, toldToCollect), await this.contents(ctx, fulfillment)];
    const changeable: Changeable = { dropoff, notes };
    return { changeable, remember: { dropoffHash: hashOf(changeable), toldToCollect } };
  }

  /** In words, since the service knows of no goods: `2 x Bread, 1 x Cake`, without what was cancelled; else empty. */
  private async contents(ctx: RequestContext, { lines }: Fulfillment): Promise<string> {
    const ordered = await this.connection.getRepository(ctx, OrderLine).find({
      where: { id: In(lines.map(({ orderLineId }) => orderLineId)) },
      relations: ['productVariant', 'productVariant.translations'],
    });
    const texts = lines.flatMap(({ orderLineId, quantity }) => {
      const line = ordered.find(({ id }) => idsAreEqual(id, orderLineId));
      const pieces = Math.min(quantity, line?.quantity ?? 0);
      if (line === undefined || pieces === 0) return [];
      const names = line.productVariant.translations;
      const name = (names.find(({ languageCode }) => languageCode === ctx.languageCode) ?? names[0])?.name;
      return [`${pieces} x ${name ?? line.productVariant.sku}`];
    });
    return shortText(texts.join(', '), 500);
  }

  /** Where this parcel goes, to whom, and what they owe, as the order stands now. */
  private async dropoff(ctx: RequestContext, order: Order, owed: number): Promise<Stop> {
    const address = order.shippingAddress ?? {};
    const at = await this.locate(() => this.options.geocoder.locateAddress(ctx, address));
    const { firstName, lastName, phoneNumber } = order.customer ?? {};
    const { deliveryAfter, deliveryBefore } = order.customFields;
    return dropoffOf(address, at, {
      name: [firstName, lastName].filter(Boolean).join(' '),
      phone: phoneNumber,
      cash: cashOf(owed, this.configService.entityOptions.moneyStrategy.precision ?? 2, order.currencyCode),
      after: deliveryAfter?.toISOString(),
      before: deliveryBefore?.toISOString(),
    });
  }

  /** Left out where the stock location has no coordinates: the service then takes the shop's default pickup point. */
  private async pickup(ctx: RequestContext, order: Order, fulfillment: Fulfillment): Promise<Stop | undefined> {
    const location = await this.stockLocationOf(ctx, fulfillment);
    const at = await this.locate(() => this.options.geocoder.locateStock?.(ctx, location));
    if (at === undefined) return undefined;
    return stop({
      ...at,
      name: location.name,
      address: location.customFields.pickupAddress,
      phone: location.customFields.pickupPhone,
      stockLocationId: this.encode(location.id),
      readyAt: (await this.readyAt(ctx, order))?.toISOString(),
    });
  }

  /** Prepared from when the shop is open. Undefined: they are ready. */
  private async readyAt(ctx: RequestContext, order: Order): Promise<Date | undefined> {
    const { hours, preparationMinutes } = await this.settings.read(ctx);
    const { preparationMs, timeZone } = this.options;
    const now = new Date();
    const from = hours === null ? now : opensAt(hours, timeZone, now);
    const byOption = typeof preparationMs === 'number' ? preparationMs : await preparationMs(ctx, order);
    const readyAt = new Date(from.getTime() + (preparationMinutes === null ? byOption : preparationMinutes * 60_000));
    return readyAt > now ? readyAt : undefined;
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

  private encode(id: ID): string {
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

import { Inject, Injectable } from '@nestjs/common';
import { OrderType } from '@vendure/common/lib/generated-types';
import {
  type ID,
  idsAreEqual,
  Logger,
  Order,
  RequestContext,
  ShippingMethod,
  TransactionalConnection,
} from '@vendure/core';
import { IsNull, MoreThan, Not } from 'typeorm';
import { DRIVER_DISPATCH_OPTIONS, HANDLER_CODE, loggerCtx } from '../constants';
import type { ResolvedOptions } from '../options';
import { ShopSettingsStore } from '../settings/shop-settings';
import { isOneOf, parseWindows, type Slot, slotsFrom } from './windows';

/** A basket keeps its slot for as long as somebody may still be paying. */
const KEPT_MS = 15 * 60_000;
/** To choose from, where the shop names windows and does not say for how many days: today and tomorrow. */
const DAYS = 2;

/** The windows that a shipping method offers, as its calculator is set, and which of them are free. */
@Injectable()
export class DeliverySlots {
  constructor(
    private readonly connection: TransactionalConnection,
    private readonly settings: ShopSettingsStore,
    @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  /** In order of time. Empty: the method has none, and delivers as soon as it can. */
  async free(ctx: RequestContext, methodId: ID, now = new Date(), apartFrom?: ID): Promise<Slot[]> {
    const { text, days, capacity } = await this.offered(ctx, methodId);
    const windows = parseWindows(text);
    if (windows === null) Logger.warn(`These are no windows such as 10-12, 14-16: ${text}`, loggerCtx);
    const slots = slotsFrom(windows ?? [], Math.min(14, days), this.options.timeZone, now);
    const limited = slots.length > 0 && capacity < Number.POSITIVE_INFINITY;
    const taken = limited ? await this.taken(ctx, methodId, now, apartFrom) : [];
    return slots.filter(({ after }) => taken.filter((each) => each === after.getTime()).length < capacity);
  }

  /** Whether a window is one of this method's, free or not: it may have been chosen for another method. */
  async offers(ctx: RequestContext, methodId: ID, window: Slot): Promise<boolean> {
    const windows = parseWindows((await this.offered(ctx, methodId)).text);
    // Where what the shop has written is no list of windows (any more), nobody loses the one that they have.
    return windows === null || isOneOf(windows, this.options.timeZone, window);
  }

  /**
   * What becomes of a window when its order is paid for: `wished` itself, where the method offers it, it is not over and
   * has a place left; else the nearest that is free; null: none is. Call with the windows locked.
   */
  async atPayment(
    ctx: RequestContext,
    methodId: ID,
    wished: Slot,
    orderId: ID,
    now = new Date(),
  ): Promise<Slot | null> {
    const { capacity } = await this.offered(ctx, methodId);
    const isOffered = await this.offers(ctx, methodId, wished);
    const others = (await this.taken(ctx, methodId, now, orderId)).filter((each) => each === wished.after.getTime());
    if (isOffered && wished.before > now && others.length < capacity) return wished;
    const away = ({ after }: Slot) => Math.abs(after.getTime() - wished.after.getTime());
    const free = await this.free(ctx, methodId, now, orderId);
    return free.sort((a, b) => away(a) - away(b))[0] ?? null;
  }

  /** The windows that the shipping method names itself, else those of the shop. */
  private async offered(ctx: RequestContext, methodId: ID): Promise<{ text: string; days: number; capacity: number }> {
    const method = await this.connection.getRepository(ctx, ShippingMethod).findOne({
      where: { id: methodId, deletedAt: IsNull(), channels: { id: ctx.channelId } },
    });
    const of = (name: string) => method?.calculator.args.find((arg) => arg.name === name)?.value ?? '';
    const noLimit = Number.POSITIVE_INFINITY;
    if (of('windows').trim() !== '')
      return {
        text: of('windows'),
        days: Number(of('windowDays')) || 0,
        capacity: Number(of('windowCapacity')) || noLimit,
      };
    if (method?.fulfillmentHandlerCode !== HANDLER_CODE) return { text: '', days: 0, capacity: noLimit };
    const { windows, windowDays, windowCapacity } = await this.settings.read(ctx);
    return { text: windows ?? '', days: windowDays ?? DAYS, capacity: windowCapacity ?? noLimit };
  }

  /**
   * When the windows of placed orders, and of those that are being paid for, begin, in ms; once for each order, whichever
   * of our methods it has (or this one), and not once more for each seller of it.
   */
  private async taken(ctx: RequestContext, methodId: ID, now: Date, apartFrom: ID | undefined): Promise<number[]> {
    const chosen = {
      customFields: { deliveryAfter: MoreThan(now) },
      state: Not('Cancelled' as const),
      type: Not(OrderType.Seller),
    };
    // On the caller's own connection: one that holds the lock must not wait for another out of the pool.
    const orders = await this.connection.getRepository(ctx, Order).find({
      where: [
        { ...chosen, shippingLines: { shippingMethod: { fulfillmentHandlerCode: HANDLER_CODE } } },
        { ...chosen, shippingLines: { shippingMethod: { id: methodId } } },
      ],
    });
    return orders
      .filter(({ id }) => apartFrom === undefined || !idsAreEqual(id, apartFrom))
      .filter(({ active, updatedAt }) => !active || updatedAt.getTime() > now.getTime() - KEPT_MS)
      .map(({ customFields }) => customFields.deliveryAfter?.getTime() ?? 0);
  }
}

import { Inject, Injectable } from '@nestjs/common';
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
import { DRIVER_DISPATCH_OPTIONS, loggerCtx } from '../constants';
import type { ResolvedOptions } from '../options';
import { parseWindows, type Slot, slotsFrom } from './windows';

/** A basket keeps its slot for as long as somebody may still be paying. */
const KEPT_MS = 15 * 60_000;

/** The windows that a shipping method offers, as its calculator is set, and which of them are free. */
@Injectable()
export class DeliverySlots {
  constructor(
    private readonly connection: TransactionalConnection,
    @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  /** In order of time. Empty: the method has none, and delivers as soon as it can. */
  async free(ctx: RequestContext, methodId: ID, now = new Date(), apartFrom?: ID): Promise<Slot[]> {
    const method = await this.connection.getRepository(ctx, ShippingMethod).findOne({
      where: { id: methodId, deletedAt: IsNull(), channels: { id: ctx.channelId } },
    });
    const of = (name: string) => method?.calculator.args.find((arg) => arg.name === name)?.value ?? '';
    const days = Math.min(14, Number(of('windowDays')) || 0);
    const windows = parseWindows(of('windows'));
    if (windows === null) Logger.warn(`These are no windows such as 10-12, 14-16: ${of('windows')}`, loggerCtx);
    const slots = slotsFrom(windows ?? [], days, this.options.timeZone, now);
    const capacity = Number(of('windowCapacity')) || Number.POSITIVE_INFINITY;
    const limited = slots.length > 0 && capacity < Number.POSITIVE_INFINITY;
    const taken = limited ? await this.taken(ctx, now, apartFrom) : [];
    return slots.filter(({ after }) => taken.filter((each) => each === after.getTime()).length < capacity);
  }

  /** When the windows of placed orders, and of those that are being paid for, begin, in ms; once for each order. */
  private async taken(ctx: RequestContext, now: Date, apartFrom: ID | undefined): Promise<number[]> {
    // On the caller's own connection: one that holds the lock must not wait for another out of the pool.
    const orders = await this.connection.getRepository(ctx, Order).find({
      where: { customFields: { deliveryAfter: MoreThan(now) }, state: Not('Cancelled') },
    });
    return orders
      .filter(({ id }) => apartFrom === undefined || !idsAreEqual(id, apartFrom))
      .filter(({ active, updatedAt }) => !active || updatedAt.getTime() > now.getTime() - KEPT_MS)
      .map(({ customFields }) => customFields.deliveryAfter?.getTime() ?? 0);
  }
}

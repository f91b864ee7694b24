import { Inject, Injectable } from '@nestjs/common';
import {
  type ID,
  type Order,
  type RequestContext,
  StockLocation,
  StockLocationService,
  TransactionalConnection,
} from '@vendure/core';
import { DRIVER_DISPATCH_OPTIONS } from '../constants';
import { DispatchClient } from '../dispatch/dispatch-client';
import { distanceM, type Position } from '../dispatch/geo';
import type { ResolvedOptions } from '../options';

/** How long an answer is used again: a checkout asks several times within seconds. */
const FRESH_MS = 10_000;
/** After a failure nobody else at the checkout waits for the time-out again. */
const AWAY_MS = 5_000;
const KEPT = 500;

type Nearest = { distanceM: number } | 'none' | 'away';

/** Where a parcel would go from and to, and who is near: what the checkout wants to know before there is a delivery. */
@Injectable()
export class NearbyDrivers {
  @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions;
  private readonly kept = new Map<string, { answer: Promise<Nearest>; untilMs: number }>();
  private awayUntilMs = 0;

  constructor(
    private readonly client: DispatchClient,
    private readonly connection: TransactionalConnection,
    private readonly stockLocationService: StockLocationService,
  ) {}

  /** The nearest free driver within `radiusM` of `at`. Answers within the look-up time-out, whatever the service does. */
  nearest(at: Position, radiusM: number): Promise<Nearest> {
    const nowMs = Date.now();
    // About 100 m: customers of one shop ask for the same place.
    const key = `${at.lat.toFixed(3)} ${at.lon.toFixed(3)} ${radiusM}`;
    const known = this.kept.get(key);
    if (known !== undefined && known.untilMs > nowMs) return known.answer;
    if (this.awayUntilMs > nowMs) return Promise.resolve('away');
    const answer = this.ask(at, radiusM, key);
    if (this.kept.size >= KEPT) this.kept.clear();
    this.kept.set(key, { answer, untilMs: nowMs + FRESH_MS });
    return answer;
  }

  private async ask(at: Position, radiusM: number, key: string): Promise<Nearest> {
    const { status, body } = await this.client.nearest(at, radiusM, 1);
    if (status === 200 && body) {
      const [first] = body.drivers;
      return first === undefined ? 'none' : { distanceM: first.distanceM };
    }
    this.kept.delete(key);
    this.awayUntilMs = Date.now() + AWAY_MS;
    return 'away';
  }

  /** Ask anew from now on. */
  forget(): void {
    this.kept.clear();
    this.awayUntilMs = 0;
  }

  /** Null where the address has no coordinates yet. */
  async dropoff(ctx: RequestContext, order: Order): Promise<Position | null> {
    if (!order.shippingAddress) return null;
    return (
      (await Promise.resolve(this.options.geocoder.locateAddress(ctx, order.shippingAddress)).catch(() => undefined)) ??
      null
    );
  }

  /**
   * Where most of the goods would ship from: the shop's own rule for allocating stock says it. Without a rule's answer the
   * channel's stock location nearest to the customer. Null: no coordinates.
   */
  async pickup(ctx: RequestContext, order: Order, dropoff: Position | null): Promise<Position | null> {
    const shipping = await this.shippingLocation(ctx, order);
    if (shipping !== null) return this.positionOf(ctx, shipping);
    const locations = await this.connection
      .getRepository(ctx, StockLocation)
      .find({ where: { channels: { id: ctx.channelId } }, order: { id: 'ASC' } });
    if (locations.length === 0) locations.push(await this.stockLocationService.defaultStockLocation(ctx));
    const places: Position[] = [];
    for (const location of locations) {
      const at = await this.positionOf(ctx, location);
      if (at !== null) places.push(at);
    }
    if (dropoff !== null) places.sort((a, b) => distanceM(a, dropoff) - distanceM(b, dropoff));
    return places[0] ?? null;
  }

  /** As `stockLocationOf` finds it once the goods are allocated. */
  private async shippingLocation(ctx: RequestContext, order: Order): Promise<StockLocation | null> {
    const totals = new Map<ID, { location: StockLocation; quantity: number }>();
    for (const line of (order.lines ?? []).filter((each) => each.quantity > 0)) {
      for (const { location, quantity } of await this.stockLocationService.getAllocationLocations(
        ctx,
        line,
        line.quantity,
      )) {
        totals.set(location.id, { location, quantity: (totals.get(location.id)?.quantity ?? 0) + quantity });
      }
    }
    const [most] = [...totals.values()].sort((a, b) => b.quantity - a.quantity);
    return most?.location ?? null;
  }

  private async positionOf(ctx: RequestContext, location: StockLocation): Promise<Position | null> {
    return (await Promise.resolve(this.options.geocoder.locateStock?.(ctx, location)).catch(() => undefined)) ?? null;
  }
}

import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { Allow, Ctx, Permission, RequestContext, Transaction } from '@vendure/core';
import { DRIVER_DISPATCH_OPTIONS } from '../constants';
import type { ResolvedOptions } from '../options';
import { type PickupPointChange, PickupPoints } from '../settings/pickup-points';
import { ServiceSettingsDesk } from '../settings/service-settings';
import { type ShopSettings, ShopSettingsStore } from '../settings/shop-settings';
import { manageDeliverySettings } from './permission';

interface Input {
  service?: Parameters<ServiceSettingsDesk['change']>[0] | null;
  shop?: Partial<ShopSettings> | null;
  pickupPoints?: PickupPointChange[] | null;
}

/** One page for the owner, whoever keeps what: the service, the shop, or a stock location. */
@Resolver()
export class SettingsAdminResolver {
  constructor(
    private readonly service: ServiceSettingsDesk,
    private readonly shop: ShopSettingsStore,
    private readonly points: PickupPoints,
    @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  @Query()
  @Allow(Permission.ReadSettings, manageDeliverySettings.Permission)
  driverDispatchSettings(@Ctx() ctx: RequestContext) {
    return this.all(ctx);
  }

  @Transaction()
  @Mutation()
  @Allow(Permission.UpdateSettings, manageDeliverySettings.Permission)
  async updateDriverDispatchSettings(@Ctx() ctx: RequestContext, @Args() { input }: { input: Input }) {
    if (input.shop) await this.shop.change(ctx, input.shop);
    for (const point of input.pickupPoints ?? []) await this.points.change(ctx, point);
    // Last: what it refuses takes back what the shop has written before it.
    if (input.service && Object.keys(input.service).length > 0) await this.service.change(input.service);
    return this.all(ctx);
  }

  private async all(ctx: RequestContext) {
    const [{ dispatch, changeable, problem }, shop, pickupPoints] = [
      await this.service.read(),
      await this.shop.read(ctx),
      await this.points.read(ctx),
    ];
    const { mapTileUrl, mapAttribution } = this.options;
    return {
      service: dispatch,
      serviceChangeable: changeable,
      serviceProblem: problem,
      shop,
      pickupPoints,
      mapTileUrl,
      mapAttribution,
    };
  }
}

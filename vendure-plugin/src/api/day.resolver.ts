import { Inject } from '@nestjs/common';
import { Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Allow, Ctx, Permission, RequestContext } from '@vendure/core';
import { DRIVER_DISPATCH_OPTIONS } from '../constants';
import { DispatchDay } from '../deliveries/dispatch-day';
import { DispatchClient } from '../dispatch/dispatch-client';
import { proofPhoto } from '../dispatch/proof-photo';
import type { ResolvedOptions } from '../options';
import { manageDeliveries } from './permission';

/** The dashboard's pages. */
@Resolver()
export class DayAdminResolver {
  constructor(private readonly day: DispatchDay) {}

  @Query()
  @Allow(Permission.ReadOrder, manageDeliveries.Permission)
  driverDispatchDeliveries(@Ctx() ctx: RequestContext) {
    return this.day.deliveries(ctx);
  }

  @Query()
  @Allow(Permission.ReadOrder, manageDeliveries.Permission)
  driverDispatchDrivers(@Ctx() ctx: RequestContext) {
    return this.day.drivers(ctx);
  }
}

@Resolver('DriverDelivery')
export class DriverDeliveryAdminResolver {
  @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions;

  constructor(private readonly client: DispatchClient) {}

  /** In the service's words. Null where nobody has it, and while the service is away. */
  @ResolveField()
  async why(@Parent() { deliveryId, driverName }: { deliveryId: string | null; driverName: string | null }) {
    if (deliveryId === null || driverName === null) return null;
    const { body } = await this.client.decisions(deliveryId);
    return body?.items.find(({ outcome }) => outcome === 'assigned')?.sentence ?? null;
  }

  /** Fetched for whoever asks for it: it is large. */
  @ResolveField()
  photo(@Parent() { deliveryId, proof }: { deliveryId: string | null; proof: string | null }): Promise<string | null> {
    return deliveryId === null ? Promise.resolve(null) : proofPhoto(this.options, deliveryId, proof);
  }
}

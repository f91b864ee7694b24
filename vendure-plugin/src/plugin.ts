import { Inject, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { Type } from '@vendure/common/lib/shared-types';
import { Injector, PluginCommonModule, type RuntimeVendureConfig, VendurePlugin } from '@vendure/core';
import { concatAST } from 'graphql';
import { DayAdminResolver, DriverDeliveryAdminResolver } from './api/day.resolver';
import { manageDeliveries, manageDeliverySettings } from './api/permission';
import { DeliveryAdminResolver, FulfillmentAdminResolver, FulfillmentShopResolver } from './api/resolvers';
import { adminSchema, shopSchema } from './api/schema';
import { SettingsAdminResolver } from './api/settings.resolver';
import { settingsSchema } from './api/settings-schema';
import { SlotsShopResolver } from './api/slots.resolver';
import { CallbackController } from './callback/callback.controller';
import { keepRawBody } from './callback/raw-body';
import { ReceivedEvent } from './callback/received-event.entity';
import { CALLBACK_PATH, DRIVER_DISPATCH_OPTIONS } from './constants';
import { customFields } from './custom-fields';
import { DeliveryDesk } from './deliveries/delivery-desk';
import { DispatchDay } from './deliveries/dispatch-day';
import { FulfillmentFollower } from './deliveries/follower';
import { HealthCheck } from './deliveries/health-check';
import { NewsIntake } from './deliveries/intake';
import { Reconciler, reconciliationTask } from './deliveries/reconciler';
import { DispatchClient } from './dispatch/dispatch-client';
import { type DriverDispatchOptions, type ResolvedOptions, resolveOptions } from './options';
import { Announcer } from './orders/announcer';
import { AutoFulfiller } from './orders/auto-fulfiller';
import { DeliveryRequests } from './orders/delivery-requests';
import { driverDeliveryHandler } from './orders/fulfillment-handler';
import { DriverFulfillments } from './orders/fulfillments';
import { OrderListener } from './orders/order-listener';
import { StockCorrection } from './orders/stock-correction';
import { UnsentOrders } from './orders/unsent-orders';
import { HandMover } from './outbox/hand-mover';
import { Outbox } from './outbox/outbox';
import { OutgoingMessage } from './outbox/outgoing-message.entity';
import { OutboxSender } from './outbox/sender';
import { PickupPoints } from './settings/pickup-points';
import { ServiceSettingsDesk } from './settings/service-settings';
import { ShopSettingsStore, settingsStoreFields } from './settings/shop-settings';
import { basePlusPerKmCalculator } from './shipping/base-plus-per-km';
import { driverInRangeChecker } from './shipping/driver-in-range';
import { NearbyDrivers } from './shipping/nearby-drivers';
import { DeliverySlots } from './shipping/slots';
import { WindowCheck } from './shipping/window-check';

/**
 * Own drivers for a Vendure shop: orders with the shipping method's fulfillment handler "Driver delivery" go to the
 * dispatch service; what becomes of them comes back into the shop.
 */
@VendurePlugin({
  imports: [PluginCommonModule],
  compatibility: '^3.5.6',
  entities: [ReceivedEvent, OutgoingMessage],
  controllers: [CallbackController],
  providers: [
    { provide: DRIVER_DISPATCH_OPTIONS, useFactory: () => DriverDispatchPlugin.resolved() },
    Announcer,
    AutoFulfiller,
    DeliveryDesk,
    DeliveryRequests,
    DeliverySlots,
    DispatchClient,
    DispatchDay,
    DriverFulfillments,
    FulfillmentFollower,
    HandMover,
    HealthCheck,
    NearbyDrivers,
    NewsIntake,
    OrderListener,
    Outbox,
    OutboxSender,
    PickupPoints,
    Reconciler,
    ServiceSettingsDesk,
    ShopSettingsStore,
    StockCorrection,
    UnsentOrders,
    WindowCheck,
  ],
  exports: [Reconciler],
  configuration: (config) => DriverDispatchPlugin.configure(config),
  shopApiExtensions: { schema: shopSchema, resolvers: [FulfillmentShopResolver, SlotsShopResolver] },
  adminApiExtensions: {
    schema: concatAST([adminSchema, settingsSchema]),
    resolvers: [
      FulfillmentAdminResolver,
      DeliveryAdminResolver,
      DayAdminResolver,
      DriverDeliveryAdminResolver,
      SettingsAdminResolver,
    ],
  },
  dashboard: './dashboard/index.tsx',
})
export class DriverDispatchPlugin implements OnApplicationBootstrap, OnApplicationShutdown {
  private static options: ResolvedOptions | undefined;
  @Inject(DRIVER_DISPATCH_OPTIONS) private readonly own: ResolvedOptions;

  constructor(private readonly moduleRef: ModuleRef) {}

  /** @throws Error naming the option that is missing or wrong */
  static init(options: DriverDispatchOptions): Type<DriverDispatchPlugin> {
    DriverDispatchPlugin.options = resolveOptions(options);
    return DriverDispatchPlugin;
  }

  /** @internal */
  static resolved(): ResolvedOptions {
    if (DriverDispatchPlugin.options === undefined)
      throw new Error('DriverDispatchPlugin: call init({ … }) in the plugins array');
    return DriverDispatchPlugin.options;
  }

  /** @internal */
  static configure(config: RuntimeVendureConfig): RuntimeVendureConfig {
    for (const [entity, fields] of Object.entries(customFields) as [keyof typeof customFields, never[]][]) {
      const present = (config.customFields[entity] ?? []) as { name: string }[];
      // A shop may have a `latitude` of its own on its addresses: then that one is read.
      const missing = fields.filter(({ name }) => !present.some((field) => field.name === name));
      Object.assign(config.customFields, { [entity]: [...present, ...missing] });
    }
    const { shippingOptions: shipping, apiOptions: api, schedulerOptions: scheduler, authOptions: auth } = config;
    for (const permission of [manageDeliveries, manageDeliverySettings])
      auth.customPermissions = once(auth.customPermissions, permission, 'Permission');
    config.settingsStoreFields = { ...config.settingsStoreFields, ...settingsStoreFields };
    shipping.fulfillmentHandlers = once(shipping.fulfillmentHandlers ?? [], driverDeliveryHandler, 'code');
    shipping.shippingEligibilityCheckers = once(
      shipping.shippingEligibilityCheckers ?? [],
      driverInRangeChecker,
      'code',
    );
    shipping.shippingCalculators = once(shipping.shippingCalculators ?? [], basePlusPerKmCalculator, 'code');
    // First: a body parser of the shop's own, for every route, would leave nothing to be read behind it.
    const rawBody = { route: `/${CALLBACK_PATH}`, handler: keepRawBody, beforeListen: true };
    api.middleware = [rawBody, ...api.middleware.filter(({ handler }) => handler !== keepRawBody)];
    scheduler.tasks = once(
      scheduler.tasks ?? [],
      reconciliationTask(DriverDispatchPlugin.resolved().reconcileSchedule),
      'id',
    );
    return config;
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.own.geocoder.init?.(new Injector(this.moduleRef));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.own.geocoder.destroy?.();
  }
}

/** A configuration may be bootstrapped twice (server and worker in one process, tests). */
function once<Item>(present: readonly Item[], item: Item, key: keyof Item): Item[] {
  return [...present.filter((each) => each[key] !== item[key]), item];
}

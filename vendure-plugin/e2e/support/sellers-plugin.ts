import {
  type Injector,
  type Order,
  type OrderSellerStrategy,
  OrderService,
  PluginCommonModule,
  type RequestContext,
  type SplitOrderContents,
  VendurePlugin,
} from '@vendure/core';

/** Which seller's channel a product belongs to: raw channel id by SKU. Set by the test. */
export const channelOfSku = new Map<string, number>();

let orderService: OrderService;

/** One order for each seller, as multi-vendor shops split them; each is paid by the customer's one payment. */
class BySku implements OrderSellerStrategy {
  init(injector: Injector): void {
    orderService = injector.get(OrderService);
  }

  splitOrder(_ctx: RequestContext, order: Order): SplitOrderContents[] {
    const byChannel = new Map<number, SplitOrderContents>();
    for (const line of order.lines) {
      const channelId = channelOfSku.get(line.productVariant.sku);
      if (channelId === undefined) return [];
      const part = byChannel.get(channelId) ?? {
        channelId,
        state: 'ArrangingPayment' as const,
        lines: [],
        shippingLines: order.shippingLines,
      };
      part.lines.push(line);
      byChannel.set(channelId, part);
    }
    return [...byChannel.values()];
  }

  async afterSellerOrdersCreated(ctx: RequestContext, _aggregate: Order, sellerOrders: Order[]): Promise<void> {
    for (const { id } of sellerOrders)
      await orderService.addPaymentToOrder(ctx, id, { method: 'prepaid', metadata: {} });
  }
}

@VendurePlugin({
  imports: [PluginCommonModule],
  compatibility: '^3.0.0',
  configuration: (config) => {
    config.orderOptions.orderSellerStrategy = new BySku();
    return config;
  },
})
export class SellersPlugin {}

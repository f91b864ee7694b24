import { Fulfillment, FulfillmentHandler, type Injector, LanguageCode, TransactionalConnection } from '@vendure/core';
import { HANDLER_CODE } from '../constants';

let connection: TransactionalConnection;

/**
 * "Ready for a driver": one fulfillment is one delivery. Its reference is fixed here: the order's code for the first,
 * `<code>/2`, `<code>/3` … for later ones (parts of an order, or a new attempt after a cancelled one), so that every
 * delivery has its own and the service can tell a repetition from a second parcel.
 */
export const driverDeliveryHandler = new FulfillmentHandler({
  code: HANDLER_CODE,
  description: [{ languageCode: LanguageCode.en, value: 'Driver delivery' }],
  args: {},
  init(injector: Injector) {
    connection = injector.get(TransactionalConnection);
  },
  async createFulfillment(ctx, orders) {
    const [order] = orders;
    if (order === undefined) throw new Error('A driver delivery needs an order');
    if (orders.length > 1) throw new Error('A driver delivery is of one order');
    const earlier = await connection
      .getRepository(ctx, Fulfillment)
      .count({ where: { handlerCode: HANDLER_CODE, orders: { id: order.id } } });
    const deliveryRef = earlier === 0 ? order.code : `${order.code}/${earlier + 1}`;
    return {
      method: 'Driver delivery',
      trackingCode: deliveryRef,
      customFields: { deliveryRef } as Fulfillment['customFields'],
    };
  },
});

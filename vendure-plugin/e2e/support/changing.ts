import gql from 'graphql-tag';
import { expect } from 'vitest';
import type { Json } from './json';
import type { Shop } from './shop';

const TO = gql`mutation ($id: ID!, $state: String!) { transitionOrderToState(id: $id, state: $state) { __typename ... on Order { state } ... on OrderStateTransitionError { transitionError } } }`;
const MODIFY = gql`mutation ($input: ModifyOrderInput!) { modifyOrder(input: $input) { __typename ... on ErrorResult { message } } }`;
const PAY = gql`mutation ($input: ManualPaymentInput!) { addManualPaymentToOrder(input: $input) { __typename } }`;

export const CANCEL = gql`mutation ($input: CancelOrderInput!) { cancelOrder(input: $input) { __typename ... on Order { state } ... on ErrorResult { message } } }`;

/** As an administrator changes an order that is placed. */
export interface Changing {
  to(id: string, state: string): Promise<void>;
  modify(id: string, change: object): Promise<void>;
  /** One piece of it more; the order is left in `Modifying`. */
  add(id: string, sku: string): Promise<void>;
  /** What the change costs more, and back to `PaymentSettled`. */
  payMore(id: string): Promise<void>;
}

export function changing({ adminClient }: Shop): Changing {
  const to = async (id: string, state: string) => {
    const { transitionOrderToState } = await adminClient.query(TO, { id, state });
    expect(transitionOrderToState).toMatchObject({ state });
  };
  const modify = async (id: string, change: object) => {
    const { modifyOrder } = await adminClient.query(MODIFY, { input: { dryRun: false, orderId: id, ...change } });
    expect(modifyOrder.__typename).toBe('Order');
  };
  return {
    to,
    modify,
    async add(id, sku) {
      await to(id, 'Modifying');
      const productVariantId = (await variantOf({ adminClient }, sku)).id;
      await modify(id, { addItems: [{ productVariantId, quantity: 1 }] });
    },
    async payMore(id) {
      await to(id, 'ArrangingAdditionalPayment');
      const input = { orderId: id, method: 'by hand', transactionId: '1', metadata: {} };
      expect((await adminClient.query(PAY, { input })).addManualPaymentToOrder.__typename).toBe('Order');
      await to(id, 'PaymentSettled');
    },
  };
}

/** All that was ordered, as an administrator fulfils or cancels it. */
export async function linesOf({ adminClient }: Shop, id: string): Promise<{ orderLineId: string; quantity: number }[]> {
  const { order } = await adminClient.query(gql`query ($id: ID!) { order(id: $id) { lines { id quantity } } }`, { id });
  return order.lines.map((line: Json) => ({ orderLineId: line.id, quantity: line.quantity }));
}

/** As an administrator says that these are ready. @returns the answer, which may be a refusal */
export async function fulfil({ adminClient }: Shop, lines: object[]): Promise<Json> {
  const { addFulfillmentToOrder } = await adminClient.query(
    gql`mutation ($input: FulfillOrderInput!) { addFulfillmentToOrder(input: $input) { __typename ... on ErrorResult { message } ... on CreateFulfillmentError { fulfillmentHandlerError } } }`,
    { input: { lines, handler: { code: 'driver-delivery', arguments: [] } } },
  );
  return addFulfillmentToOrder;
}

/** A product with its stock, by its SKU. */
async function variantOf({ adminClient }: Pick<Shop, 'adminClient'>, sku: string): Promise<Json> {
  const { productVariants } = await adminClient.query(
    gql`query ($sku: String!) { productVariants(options: { filter: { sku: { eq: $sku } } }) { items { id stockLevels { stockLocationId stockOnHand } } } }`,
    { sku },
  );
  return productVariants.items[0];
}

/** @returns what was on hand before */
export async function setOnHand({ adminClient }: Shop, sku: string, stockOnHand: number): Promise<number> {
  const { id, stockLevels } = await variantOf({ adminClient }, sku);
  const [level] = stockLevels;
  const input = [
    { id, trackInventory: 'TRUE', stockLevels: [{ stockLocationId: level.stockLocationId, stockOnHand }] },
  ];
  await adminClient.query(
    gql`mutation ($input: [UpdateProductVariantInput!]!) { updateProductVariants(input: $input) { id } }`,
    { input },
  );
  return level.stockOnHand;
}

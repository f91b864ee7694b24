import { parse } from 'graphql';

/** For the customer: nothing but what helps to wait. */
export const shopSchema = parse(`
  type DriverDelivery {
    "REQUESTED until the service has accepted it; then PENDING, ASSIGNED, PICKED_UP, IN_TRANSIT, DELIVERED, FAILED, RETURNED or CANCELLED"
    status: String!
    driverName: String
    eta: DateTime
    trackingUrl: String
  }
  extend type Fulfillment {
    "Null for fulfillments of another handler"
    delivery: DriverDelivery
  }
`);

export const adminSchema = parse(`
  type DriverDelivery {
    "REQUESTED until the service has accepted it; then PENDING, ASSIGNED, PICKED_UP, IN_TRANSIT, DELIVERED, FAILED, RETURNED or CANCELLED"
    status: String!
    driverName: String
    driverPhone: String
    eta: DateTime
    trackingUrl: String
    "What the service knows it as"
    reference: String
    deliveryId: String
    "Why the service refused it"
    error: String
    "JSON: what the driver left as proof"
    proof: String
    canReassign: Boolean!
    canRetry: Boolean!
  }
  extend type Fulfillment {
    "Null for fulfillments of another handler"
    delivery: DriverDelivery
  }
  extend type Mutation {
    "Takes a delivery that is not picked up yet from its driver and looks for another; one without a driver is searched for at once"
    reassignDriverDelivery(fulfillmentId: ID!): Fulfillment!
    "Sends the request to the service again"
    retryDriverDelivery(fulfillmentId: ID!): Fulfillment!
  }
`);

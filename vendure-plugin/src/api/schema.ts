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
    "Of what the driver left, where it is a web address"
    photoUrl: String
    "Why the last attempt failed, such as RECIPIENT_UNAVAILABLE"
    failureCode: String
    "What the driver wrote about it"
    failureNote: String
    canReturn: Boolean!
    canReassign: Boolean!
    canRetry: Boolean!
  }
  extend type Fulfillment {
    "Null for fulfillments of another handler"
    delivery: DriverDelivery
  }
  type DriverDispatchHealth {
    reachable: Boolean!
    "Null: not to be found out now"
    keyValid: Boolean
    "Null: not to be found out now"
    secretMatches: Boolean
    "When the service was last heard here"
    lastEventAt: DateTime
    "Messages that have not left yet"
    waiting: Int!
    "What is to be mended, in words; empty: all is well"
    problems: [String!]!
  }
  extend type Query {
    driverDispatchHealth: DriverDispatchHealth!
  }
  extend type Mutation {
    "Takes a delivery that is not picked up yet from its driver and looks for another; one without a driver is searched for at once"
    reassignDriverDelivery(fulfillmentId: ID!): Fulfillment!
    "Another attempt of a failed delivery, with what the order says now; sends a request again that the service has not accepted"
    retryDriverDelivery(fulfillmentId: ID!): Fulfillment!
    "The goods of a failed delivery are back in the shop: the fulfillment is cancelled, and its stock booked back"
    returnDriverDelivery(fulfillmentId: ID!): Fulfillment!
  }
`);

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
  "A window for the delivery"
  type DeliverySlot {
    after: DateTime!
    before: DateTime!
  }
  extend type Query {
    "The windows of a shipping method that are free, in order of time; none: it delivers as soon as it can"
    deliverySlots(shippingMethodId: ID!): [DeliverySlot!]!
  }
  extend type Mutation {
    "Of the active order, once its shipping method is chosen: the slot that begins then. Null: as soon as it can be"
    setDeliverySlot(after: DateTime): Order!
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
    "Of what the driver left, where it is a web address. One that the service keeps opens with the shop's key alone: see photo"
    photoUrl: String
    "The same photograph as a browser can show it: its web address, or a data: address of one that the service keeps (up to 2 MiB)"
    photo: String
    "Why the last attempt failed, such as RECIPIENT_UNAVAILABLE"
    failureCode: String
    "What the driver wrote about it"
    failureNote: String
    "Why this driver has it, in a sentence"
    why: String
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
    "Whether the service reaches this shop, and this shop takes what the service signs. Null: not to be found out now"
    callbackWorks: Boolean
    "When the service was last heard here"
    lastEventAt: DateTime
    "Messages that have not left yet"
    waiting: Int!
    "What is to be mended, in English; empty: all is well"
    problems: [String!]!
    "The same, for whoever says it in another language"
    findings: [DriverDispatchProblem!]!
  }
  type DriverDispatchProblem {
    "Such as unreachable, key or unlocated"
    code: String!
    "What the words name: how many, or what was met"
    value: String
    "In English"
    text: String!
  }
  type DriverDispatchDelivery {
    id: String!
    "What the service knows it as"
    reference: String
    "Null: an order of none of this shop's fulfillments"
    orderId: ID
    status: String!
    "Of a pending one: why it waits, such as needs_location"
    waitsFor: String
    driverName: String
    address: String
    plannedAt: DateTime
    createdAt: DateTime!
    endedAt: DateTime
    failureCode: String
  }
  type DriverDispatchDriver {
    id: String!
    name: String!
    phone: String
    vehicle: String
    "AVAILABLE, BUSY or OFFLINE"
    status: String!
    load: Int!
    capacity: Int!
    "Today; outside the default channel, as the next two: of orders of this channel"
    delivered: Int!
    "Today"
    failed: Int!
    underWay: Int!
  }
  extend type Query {
    driverDispatchHealth: DriverDispatchHealth!
    "Made today, not ended yet, or ended today (of those made since yesterday); newest first. Outside the default channel: of orders of this channel"
    driverDispatchDeliveries: [DriverDispatchDelivery!]!
    driverDispatchDrivers: [DriverDispatchDriver!]!
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

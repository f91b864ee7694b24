import { parse } from 'graphql';

export const settingsSchema = parse(`
  enum DriverDispatchMoment { ASSIGNED PICKED_UP DELIVERED FAILED }
  "How the dispatch service gives orders to drivers; its guide says what each does, and what it may be"
  type DriverDispatchServiceSettings {
    policy: String!
    mode: String!
    offerS: Int!
    offerTo: Int!
    maxRadiusM: Int!
    bundle: String!
    promiseS: Int!
  }
  "Null: as the plugin's options and the shipping methods say"
  type DriverDispatchShopSettings {
    "How far from the stock location a customer may live, in a straight line"
    deliveryRadiusM: Int
    "How long the goods need until they can be collected"
    preparationMinutes: Int
    "Of each day from Monday on, such as 10-14, 16-20; empty: closed. Null: always open"
    hours: [String!]
    "To choose from, such as 10-12, 14-16, for shipping methods that name none of their own"
    windows: String
    "So many days, today included"
    windowDays: Int
    "Orders for each window"
    windowCapacity: Int
    "What customers are told of. Null: of everything"
    tellCustomer: [DriverDispatchMoment!]
  }
  "Where drivers collect what is at a stock location"
  type DriverDispatchPickupPoint {
    stockLocationId: ID!
    name: String!
    latitude: Float
    longitude: Float
    address: String
    phone: String
  }
  type DriverDispatchSettings {
    "Null: the service could not be asked"
    service: DriverDispatchServiceSettings
    "Whether the shop's key at the service may change them"
    serviceChangeable: Boolean!
    "Why they are not there, or cannot be changed"
    serviceProblem: String
    shop: DriverDispatchShopSettings!
    pickupPoints: [DriverDispatchPickupPoint!]!
    "For a map: tiles, and what their makers want to be shown. Null: a schematic map"
    mapTileUrl: String
    mapAttribution: String
  }
  input DriverDispatchServiceSettingsInput {
    policy: String
    mode: String
    offerS: Int
    offerTo: Int
    maxRadiusM: Int
    bundle: String
    promiseS: Int
  }
  input DriverDispatchShopSettingsInput {
    deliveryRadiusM: Int
    preparationMinutes: Int
    hours: [String!]
    windows: String
    windowDays: Int
    windowCapacity: Int
    tellCustomer: [DriverDispatchMoment!]
  }
  input DriverDispatchPickupPointInput {
    stockLocationId: ID!
    latitude: Float
    longitude: Float
    address: String
    phone: String
  }
  input UpdateDriverDispatchSettingsInput {
    service: DriverDispatchServiceSettingsInput
    shop: DriverDispatchShopSettingsInput
    pickupPoints: [DriverDispatchPickupPointInput!]
  }
  extend type Query {
    driverDispatchSettings: DriverDispatchSettings!
  }
  extend type Mutation {
    "What is named is changed, the rest stays: all of it, or nothing"
    updateDriverDispatchSettings(input: UpdateDriverDispatchSettingsInput!): DriverDispatchSettings!
  }
`);

import { type ConversionConfig, type JsonSchema, toJsonSchema, toJsonSchemaDefs } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import * as answers from '#shared/contract/answers.ts';
import { changesView, movesView, statsView } from '#shared/contract/live.ts';
import { planView } from '#shared/contract/plan-answer.ts';
import { routeView } from '#shared/contract/routes.ts';
import * as shopAnswers from '#shared/contract/shop-answers.ts';
import { trackingView } from '#shared/contract/tracking.ts';
import { webhookEvent } from '#shared/contract/webhook-event.ts';
import { shopMessage } from './shop-message.ts';

/** The answers that get a name of their own in the document. */
const NAMED: Readonly<Record<string, v.GenericSchema>> = {
  Driver: answers.driverView,
  DriverStatus: answers.driverStatusView,
  DriverExport: answers.driverExport,
  Delivery: answers.deliveryView,
  DeliveryWithEvents: answers.deliveryWithEvents,
  DeliveryEvent: answers.deliveryEventView,
  Route: routeView,
  Plan: planView,
  Tracking: trackingView,
  Changes: changesView,
  Moves: movesView,
  Numbers: statsView,
  Shop: shopAnswers.shopView,
  ShopKey: shopAnswers.keyView,
  Health: answers.healthView,
  WebhookFailure: shopAnswers.webhookFailureView,
  WebhookEvent: webhookEvent,
  ShopMessage: shopMessage,
};

const CONFIG: ConversionConfig = {
  target: 'draft-2020-12',
  typeMode: 'input',
  // What JSON Schema cannot say (both coordinates or neither, no control characters) is said by the 422.
  errorMode: 'ignore',
  definitions: NAMED as NonNullable<ConversionConfig['definitions']>,
  overrideRef: ({ referenceId }) => `#/components/schemas/${referenceId}`,
};

/** The schema of what may be sent or is answered; named schemas become references. */
export function schemaOf(schema: v.GenericSchema): JsonSchema {
  return withoutHeader(toJsonSchema(schema, CONFIG));
}

/** All named schemas. */
export function namedSchemas(): Record<string, JsonSchema> {
  const all = toJsonSchemaDefs(NAMED as Parameters<typeof toJsonSchemaDefs>[0], CONFIG);
  return Object.fromEntries(Object.entries(all).map(([name, schema]) => [name, withoutHeader(schema)]));
}

/** Of an object schema, each field by itself. In a query a number comes as text: the document shows the number. */
export function parametersOf(schema: v.GenericSchema, place: 'path' | 'query') {
  const asSent = properties(schemaOf(schema));
  const asRead = properties(withoutHeader(toJsonSchema(schema, { ...CONFIG, typeMode: 'output' })));
  return Object.entries(asSent.fields).map(([name, sent]) => {
    const read = asRead.fields[name];
    const numeric = read !== undefined && /^(number|integer)$/.test(String(read.type));
    const preset = sent.default === undefined || !numeric ? {} : { default: Number(sent.default) };
    return {
      name,
      in: place,
      required: asSent.required.includes(name),
      schema: numeric ? { ...read, ...preset } : sent,
    };
  });
}

function properties(schema: JsonSchema) {
  return { fields: (schema.properties ?? {}) as Record<string, JsonSchema>, required: schema.required ?? [] };
}

function withoutHeader(schema: JsonSchema): JsonSchema {
  const { $schema: _draft, $defs: _named, ...rest } = schema as JsonSchema & { $defs?: unknown };
  return rest;
}

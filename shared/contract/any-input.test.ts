import fc from 'fast-check';
import * as v from 'valibot';
import { describe, expect, test } from 'vitest';
import { arbitraryOf } from '#shared/testing/arbitrary-of.ts';
import * as callerLimits from './caller-limits.ts';
import * as customer from './customer.ts';
import * as deliveries from './deliveries.ts';
import * as drivers from './drivers.ts';
import * as erasures from './erasures.ts';
import * as locations from './locations.ts';
import * as nouns from './nouns.ts';
import * as offers from './offers.ts';
import * as phones from './phone.ts';
import * as plans from './plans.ts';
import * as push from './push.ts';
import * as routes from './routes.ts';
import * as shops from './shops.ts';
import * as tracking from './tracking.ts';
import * as vendure from './vendure.ts';

const MODULES = [callerLimits, customer, deliveries, drivers, erasures, locations, nouns, offers, phones, plans, push];
const isSchema = (value: unknown): value is v.GenericSchema =>
  typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'schema';
const SCHEMAS = [...MODULES, routes, shops, tracking, vendure].flatMap((module) =>
  Object.entries(module).filter((entry): entry is [string, v.GenericSchema] => isSchema(entry[1])),
);
/** What is read of a shop's message (vendure.ts) is of another shape than the message: it is not read again. */
const isRead = (name: string) => !(name in vendure);
/** What a query asks is text; what is read of it is not. */
const asText = (read: unknown) =>
  Object.fromEntries(
    Object.entries(read as object).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
const sentAgain = (name: string, read: unknown) => {
  if (name === 'boardLimit') return String(read);
  return /Query$/.test(name) ? asText(read) : read;
};

test('there are as many parsers as the contract has', () => expect(SCHEMAS.length).toBeGreaterThan(40));

describe.each(SCHEMAS)('%s', (name, schema) => {
  test('refuses what it cannot read, and never throws; what it has read it reads the same again', () => {
    fc.assert(
      fc.property(arbitraryOf(schema), (sent) => {
        const first = v.safeParse(schema, sent);
        if (!first.success) {
          expect(first.issues[0].message).not.toBe('');
          return;
        }
        if (!isRead(name)) return;
        const again = v.safeParse(schema, sentAgain(name, first.output));
        expect(again.issues?.map(({ message }) => message)).toBeUndefined();
        expect(again.output).toEqual(first.output);
      }),
      // The same inputs every time: a test that fails now and then tells nobody anything.
      { numRuns: 60, seed: 1 },
    );
  });
});

import { shopChange } from '#shared/contract/shops.ts';
import type { ShopRow } from '#shared/db/schema.ts';
import { changeShop } from '#shared/flows/shops.ts';
import { shopView } from '#shared/mappers/views.ts';
import { type Command, checked, listOf, RefusedError, shopOf, textOf, UsageError, type Values } from './command.ts';

/** What a shop's orders come with. */
export const INBOUND_OPTIONS = {
  secrets: { type: 'string' },
  staticSecret: { type: 'string' },
  pickup: { type: 'string' },
  address: { type: 'string' },
} as const;
export const INBOUND_HELP = {
  secrets: 'what the shop signs its messages with, or none: one or two whsec_… (whsec_$(openssl rand -base64 24))',
  staticSecret: 'what a shop that cannot sign sends as X-Webhook-Secret, or none',
  pickup: 'where parcels are collected when an order does not say, or none: latitude,longitude, such as 52.53,13.4',
  address: 'of the pickup, in words',
};

/** As the contract has it; what is not said is not there. @throws UsageError */
export function inboundOf(values: Values): Readonly<Record<string, unknown>> {
  const [secrets, staticSecret] = [listOf(values, 'secrets'), textOf(values, 'staticSecret')];
  const [pickup, address] = [listOf(values, 'pickup'), textOf(values, 'address')];
  if (address !== null && !pickup?.length) throw new UsageError('--address belongs to a --pickup latitude,longitude');
  return {
    ...(secrets && { inboundSecrets: secrets }),
    ...(staticSecret !== null && { inboundStaticSecret: staticSecret === 'none' ? null : staticSecret }),
    ...(pickup && { pickup: pickup.length === 0 ? null : placeOf(pickup, address) }),
  };
}

function placeOf(pair: readonly string[], address: string | null) {
  const [lat = Number.NaN, lon = Number.NaN] = pair.map((text) => (text === '' ? Number.NaN : Number(text)));
  if (pair.length !== 2 || Number.isNaN(lat) || Number.isNaN(lon))
    throw new UsageError('--pickup must be latitude,longitude, such as 52.53,13.4');
  return { lat, lon, address };
}

export const inboundCommands: Readonly<Record<string, Command>> = {
  'shops inbound': {
    operands: ['<shop>'],
    help: 'What a shop’s orders come with: its secrets, of which none is shown, and its pickup; options change it',
    options: INBOUND_OPTIONS,
    optionHelp: INBOUND_HELP,
    run: async (context, [which = ''], values) => {
      const wanted = inboundOf(values);
      const found = await shopOf(context, which);
      if (Object.keys(wanted).length === 0) return { value: shownOf(found) };
      const ran = await changeShop(context.deps, context.caller, found.id, checked(shopChange, wanted));
      if (ran.kind !== 'done') throw new Error(ran.kind);
      if (ran.result.outcome === 'not_found') throw new RefusedError(`There is no shop ${which}`);
      return { value: shownOf(await shopOf(context, which)), note: 'Counts within 10 s in every process' };
    },
  },
};

const shownOf = (row: ShopRow) => ({
  secrets: row.inbound_secrets.length,
  staticSecret: row.inbound_static_sha256 !== null,
  pickup: shopView(row).pickup,
});

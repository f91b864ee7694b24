import { newKey, newShop } from '#shared/contract/shops.ts';
import { grantKey, listKeys, listShops, registerShop, revokeKey } from '#shared/flows/shops.ts';
import { listWebhookFailures, REPLAYED_AT_ONCE, replayWebhooks } from '#shared/flows/webhook-failures.ts';
import { shopView, webhookFailureView } from '#shared/mappers/views.ts';
import { openApiKeys } from '#shared/secrets/api-key.ts';
import {
  assertId,
  type Command,
  type Context,
  checked,
  listOf,
  numberOf,
  RefusedError,
  shopOf,
  textOf,
} from './command.ts';
import { INBOUND_HELP, INBOUND_OPTIONS, inboundOf } from './inbound.ts';

/** Everything, page after page. */
async function all<Row>(
  read: (cursor: string | null) => Promise<{ items: readonly Row[]; next: string | null }>,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let cursor: string | null = null; ; ) {
    const page = await read(cursor);
    rows.push(...page.items);
    cursor = page.next;
    if (cursor === null) return rows;
  }
}

async function createShop({ deps, caller }: Context, wanted: Readonly<Record<string, unknown>>) {
  const input = checked(newShop, wanted);
  const ran = await registerShop(deps, caller, input);
  if (ran.kind !== 'done') throw new Error(ran.kind);
  if (ran.result.outcome === 'slug_taken') throw new RefusedError(`Another shop is called ${input.slug}`);
  return shopView(ran.result.shop);
}

export const shopCommands: Readonly<Record<string, Command>> = {
  'shops list': {
    operands: [],
    help: 'All shops',
    run: async ({ deps }) => {
      const rows = (await all((cursor) => listShops(deps, { cursor, limit: 200 }))).map(shopView);
      return {
        rows: rows.map(({ id, slug, name, webhook }) => ({ slug, id, name, webhook: webhook?.url ?? '' })),
        value: rows,
      };
    },
  },
  'shops create': {
    operands: ['<slug>'],
    help: 'Register a shop',
    options: { name: { type: 'string' }, radius: { type: 'string' }, ...INBOUND_OPTIONS },
    optionHelp: {
      name: 'its name (the slug, if absent)',
      radius: 'how far to search drivers, in metres (10000)',
      ...INBOUND_HELP,
    },
    run: async (context, [slug = ''], values) => {
      const shop = await createShop(context, {
        slug,
        name: textOf(values, 'name') ?? slug,
        maxRadiusM: numberOf(values, 'radius', 10_000),
        ...inboundOf(values),
      });
      return { rows: [{ slug: shop.slug, id: shop.id }], value: shop };
    },
  },
  'keys list': {
    operands: ['<shop>'],
    help: 'The keys of a shop, without their secrets',
    run: async (context, [which = '']) => {
      const keys = await listKeys(context.deps, (await shopOf(context, which)).id);
      return {
        rows: keys.map((key) => ({
          id: key.id,
          name: key.name,
          scopes: key.scopes.join(','),
          created: key.created_at,
          expires: key.expires_at ?? '',
          'last used': key.last_used_at ?? '',
          revoked: key.revoked_at ?? '',
        })),
        value: keys,
      };
    },
  },
  'keys create': {
    operands: ['<shop>'],
    help: 'Make a key; it is shown now and never again',
    options: { name: { type: 'string' }, scopes: { type: 'string' }, days: { type: 'string' } },
    optionHelp: {
      name: 'what it is for',
      scopes: 'admin (all, if absent), dispatch (the daily work), read; each includes those behind it',
      days: 'how long it is good (until it is withdrawn, if absent)',
    },
    run: async (context, [which = ''], values) => {
      const { deps, caller, config } = context;
      const scopes = listOf(values, 'scopes');
      const input = checked(newKey, {
        name: textOf(values, 'name') ?? 'command line',
        ...(scopes && { scopes }),
        ...(values.days !== undefined && { expiresInS: numberOf(values, 'days', 0) * 86_400 }),
      });
      const { key } = await grantKey(
        deps,
        caller,
        (await shopOf(context, which)).id,
        input,
        openApiKeys(config.driverTokens),
      );
      return { rows: [{ key }], value: { key } };
    },
  },
  'keys revoke': {
    operands: ['<keyId>'],
    help: 'Withdraw a key (the middle part of dk_<keyId>_…), within 10 s everywhere',
    run: async ({ deps }, [keyId = '']) => {
      if (!(await revokeKey(deps, keyId, null))) throw new RefusedError(`There is no key ${keyId}`);
      return { value: { revoked: keyId }, note: `The key ${keyId} is revoked` };
    },
  },
  'webhooks failures': {
    operands: ['<shop>'],
    help: 'Events that did not reach the shop’s endpoint',
    run: async (context, [which = '']) => {
      const { id } = await shopOf(context, which);
      const rows = (await all((cursor) => listWebhookFailures(context.deps, id, { cursor, limit: 200 }))).map(
        webhookFailureView,
      );
      return {
        rows: rows.map((row) => ({
          id: row.id,
          event: row.event,
          state: row.state,
          attempts: row.attempts,
          error: row.lastError,
          created: row.createdAt,
        })),
        value: rows,
        note: `${rows.length} events`,
      };
    },
  },
  'webhooks replay': {
    operands: ['<shop>'],
    help: 'Send failed events again, at once (the relay does it); all of the shop, or those named',
    options: { event: { type: 'string', multiple: true } },
    optionHelp: { event: 'id of an event; may be given several times' },
    run: async (context, [which = ''], values) => {
      const { id } = await shopOf(context, which);
      const named = Array.isArray(values.event) ? values.event.map((each) => assertId(String(each), 'event')) : null;
      let replayed = 0;
      for (let some = REPLAYED_AT_ONCE; some === REPLAYED_AT_ONCE; replayed += some) {
        const ran = await replayWebhooks(context.deps, context.caller, id, named);
        some = ran.kind === 'done' && ran.result.outcome === 'replayed' ? ran.result.replayed : 0;
      }
      return { value: { replayed }, note: `${replayed} events are due again` };
    },
  },
};

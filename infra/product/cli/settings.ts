import { DISPATCH_SETTINGS, limitsOf } from '#shared/contract/dispatch-settings.ts';
import { dispatchChange, type ShopChange, shopChange } from '#shared/contract/shops.ts';
import { FAILURE_PROOF_PARTS, SHOP_PROOF_PARTS } from '#shared/domain/proof.ts';
import { changeShop } from '#shared/flows/shops.ts';
import { shopView } from '#shared/mappers/views.ts';
import { type Command, type Context, checked, listOf, RefusedError, shopOf, textOf, type Values } from './command.ts';

const settings = Object.entries(DISPATCH_SETTINGS);

/** What the options name, as JSON would have it; what is none stays a text, for the schema to refuse. */
function named(values: Values): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    settings.flatMap(([name, { kind }]) => {
      const text = textOf(values, name);
      if (text === null) return [];
      return [[name, kind === 'choice' ? text : fromJson(text)]];
    }),
  );
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

async function change({ deps, caller }: Context, shopId: string, wanted: ShopChange) {
  const ran = await changeShop(deps, caller, shopId, wanted);
  if (ran.kind !== 'done') throw new Error(ran.kind);
  if (ran.result.outcome === 'not_found') throw new RefusedError(`There is no shop ${shopId}`);
  return ran.result.shop;
}

export const settingsCommands: Readonly<Record<string, Command>> = {
  'shops settings': {
    operands: ['<shop>'],
    help: 'How a shop’s deliveries are dispatched; options change it, from the next plan on',
    options: Object.fromEntries(settings.map(([name]) => [name, { type: 'string' }])),
    optionHelp: Object.fromEntries(settings.map(([name, each]) => [name, `${each.does} (${limitsOf(each)})`])),
    run: async (context, [which = ''], values) => {
      const wanted = named(values);
      const found = await shopOf(context, which);
      const isChange = Object.keys(wanted).length > 0;
      const { dispatch } = shopView(
        isChange ? await change(context, found.id, { dispatch: checked(dispatchChange, wanted) }) : found,
      );
      return {
        rows: settings.map(([name, each]) => ({
          setting: name,
          value: String(dispatch[name as keyof typeof dispatch]),
          'may be': limitsOf(each),
        })),
        value: dispatch,
        ...(isChange && { note: 'Counts from the next plan on, within 10 s in every process' }),
      };
    },
  },
  'shops proof': {
    operands: ['<shop>'],
    help: 'What a shop’s drivers have to bring from the door, and of a failure; options change it, from the next step on',
    options: { delivered: { type: 'string' }, failed: { type: 'string' } },
    optionHelp: {
      delivered: `with a hand-over, or none: ${SHOP_PROOF_PARTS.join(',')}`,
      failed: `with a failure, or none: ${FAILURE_PROOF_PARTS.join(',')}`,
    },
    run: async (context, [which = ''], values) => {
      const found = await shopOf(context, which);
      const [delivered, failed] = [listOf(values, 'delivered'), listOf(values, 'failed')];
      if (delivered === null && failed === null) return { value: shopView(found).proof };
      const wanted = checked(shopChange, { proof: { ...(delivered && { delivered }), ...(failed && { failed }) } });
      return { value: shopView(await change(context, found.id, wanted)).proof, note: 'Counts from the next step on' };
    },
  },
};

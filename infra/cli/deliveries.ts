import type { DecisionView } from '#shared/contract/routes.ts';
import { findDeliveries, readDecisions } from '#shared/flows/decisions.ts';
import { type Command, type Context, numberOf, RefusedError, shopOf, textOf } from './command.ts';

export const deliveryCommands: Readonly<Record<string, Command>> = {
  'deliveries why': {
    operands: ['<deliveryOrOrder>'],
    help: 'Why a delivery was given to whom, or held, or to nobody; newest first',
    options: { shop: { type: 'string' }, limit: { type: 'string' } },
    optionHelp: { shop: 'where several shops have such an order', limit: 'how many decisions (20)' },
    run: async (context, [which = ''], values) => {
      const { id, shop_id } = await deliveryOf(context, which, textOf(values, 'shop'));
      const page = { beforeId: null, limit: numberOf(values, 'limit', 20) };
      const items = (await readDecisions(context.deps, shop_id, id, page))?.items ?? [];
      return {
        heading: items[0]?.sentence ?? 'Nothing has been decided about it, or that is forgotten.',
        rows: items.map(rowOf),
        value: items,
      };
    },
  },
};

/** @throws RefusedError unless it is one */
async function deliveryOf(context: Context, which: string, shop: string | null) {
  const shopId = shop === null ? null : (await shopOf(context, shop)).id;
  const [first, ...others] = await findDeliveries(context.deps, which, shopId);
  if (first === undefined) throw new RefusedError(`There is no delivery or order ${which}`);
  if (others.length === 0) return first;
  const shops = [first, ...others].map((each) => each.shop);
  throw new RefusedError(`Several shops have an order ${which}: say --shop ${shops.join(' or ')}`);
}

function rowOf({ at, outcome, driverId, reason, costS, alternatives, ruledOut, plan }: DecisionView) {
  const out = Object.entries(ruledOut).map(([why, count]) => `${count} ${why}`);
  return {
    at,
    outcome,
    driver: driverId,
    reason,
    'cost s': costS,
    'best others': alternatives.map(({ driverId: other, extraS }) => `${other} +${extraS} s`).join(', '),
    'ruled out': out.join(', '),
    plan:
      plan.deliveries === null
        ? ''
        : `${plan.deliveries} x ${plan.drivers ?? '?'}, ${plan.rounds ?? '?'} rounds, ${plan.ms ?? '?'} ms`,
  };
}

import { assignment, deliveryChange, pincodeChange } from '#shared/contract/deliveries.ts';
import type { DecisionView } from '#shared/contract/routes.ts';
import { PROOF_PARTS } from '#shared/domain/proof.ts';
import { assignNamed, whyRefused } from '#shared/flows/assign-named.ts';
import { findDeliveries, readDecisions } from '#shared/flows/decisions.ts';
import { changeDelivery, setPincode } from '#shared/flows/deliveries.ts';
import { redeliverDelivery } from '#shared/flows/redeliver-delivery.ts';
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
  UsageError,
} from './command.ts';

export const deliveryCommands: Readonly<Record<string, Command>> = {
  'deliveries assign': {
    operands: ['<deliveryOrOrder>', '<driverId>'],
    help: 'Give a delivery to this driver, also out of another’s hands before pickup; no plan takes it away',
    options: { shop: { type: 'string' }, override: { type: 'string' } },
    optionHelp: {
      shop: 'where several shops have such an order',
      override: 'what is set aside: silent, on_break, off_shift',
    },
    run: async (context, [which = '', driver = ''], values) => {
      const { id, shop_id } = await deliveryOf(context, which, textOf(values, 'shop'));
      const override = listOf(values, 'override');
      const choice = checked(assignment, { driverId: driver, ...(override && { override }) });
      const driverId = assertId(driver, 'driver');
      const ran = await assignNamed(context.deps, context.caller, shop_id, id, { ...choice, driverId });
      if (ran.kind !== 'done' || ran.result.outcome === 'not_found') throw new RefusedError(`There is no ${which}`);
      const { result } = ran;
      if (result.outcome === 'refused') throw new RefusedError(whyRefused(result.refusals));
      if (result.outcome === 'not_pending') throw new RefusedError(`It is ${result.delivery.status}`);
      return { value: { deliveryId: id, driverId }, note: 'It is theirs' };
    },
  },
  'deliveries redeliver': {
    operands: ['<deliveryOrOrder>'],
    help: 'Another attempt of what failed, came back or was cancelled, from where its parcel is',
    options: { shop: { type: 'string' }, note: { type: 'string' } },
    optionHelp: { shop: 'where several shops have such an order', note: 'why, for its history' },
    run: async (context, [which = ''], values) => {
      const { id, shop_id } = await deliveryOf(context, which, textOf(values, 'shop'));
      const delivery = { shop_id, delivery_id: id, order_ref: null };
      const ran = await redeliverDelivery(context.deps, context.caller, delivery, { note: textOf(values, 'note') });
      if (ran.kind !== 'done' || !('delivery' in ran.result)) throw new RefusedError(`There is no delivery ${which}`);
      const { outcome, delivery: row } = ran.result;
      if (outcome !== 'redelivered') throw new RefusedError(`It is ${row.status}: there is no other attempt`);
      const value = { deliveryId: row.id, status: row.status, attempt: row.attempt, driverId: row.driver_id };
      return { rows: [value], value };
    },
  },
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
  'deliveries proof': {
    operands: ['<deliveryOrOrder>'],
    help: 'What the driver of a delivery has to bring from the door, instead of what its shop asks for',
    options: { shop: { type: 'string' }, asks: { type: 'string' } },
    optionHelp: { shop: 'where several shops have such an order', asks: `or none: ${PROOF_PARTS.join(',')}` },
    run: async (context, [which = ''], values) => {
      const asks = listOf(values, 'asks');
      if (asks === null) throw new UsageError('Needs --asks LIST, or --asks none');
      const change = checked(deliveryChange, { proofRequired: asks });
      const { id, shop_id } = await deliveryOf(context, which, textOf(values, 'shop'));
      const delivery = { shopId: shop_id, deliveryId: id, orderRef: null };
      const ran = await changeDelivery(context.deps, context.caller, delivery, change);
      if (ran.kind !== 'done' || ran.result.outcome === 'not_found') throw new RefusedError(`There is no ${which}`);
      const { outcome, delivery: row } = ran.result;
      if (outcome === 'too_late') throw new RefusedError(`It is ${row.status}`);
      return { value: { deliveryId: id, proofRequired: row.proof_required } };
    },
  },
  'deliveries pincode': {
    operands: ['<deliveryOrOrder>'],
    help: 'Set another PIN code, or have it handed over without; also where wrong codes have locked it',
    options: { shop: { type: 'string' }, set: { type: 'string' }, without: { type: 'boolean' } },
    optionHelp: { shop: 'where several shops have such an order', set: 'the code, 4 to 8 digits', without: 'no code' },
    run: async (context, [which = ''], values) => {
      const set = textOf(values, 'set');
      if ((set === null) === (values.without !== true)) throw new UsageError('Needs --set CODE, or --without');
      const { pincode } = checked(pincodeChange, { pincode: set });
      const { id, shop_id } = await deliveryOf(context, which, textOf(values, 'shop'));
      const ran = await setPincode(context.deps, context.caller, { shopId: shop_id, deliveryId: id }, pincode);
      if (ran.kind !== 'done' || ran.result.outcome === 'not_found') throw new RefusedError(`There is no ${which}`);
      const { outcome, delivery } = ran.result;
      if (outcome === 'ended') throw new RefusedError(`It is ${delivery.status}`);
      const note = pincode === null ? 'It is handed over without PIN' : 'The PIN code is another one';
      return { value: { deliveryId: id, pincode }, note };
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

import { DELIVERY_STATUSES, DISPATCH_STATES } from '#shared/domain/delivery.ts';
import { DRIVER_STATUSES } from '#shared/domain/driver.ts';
import { listDeliveries, readDelivery } from '#shared/flows/deliveries.ts';
import { eraseDriver, exportDriver } from '#shared/flows/driver-data.ts';
import { listDrivers, readDriver } from '#shared/flows/drivers.ts';
import { listOpenOffers } from '#shared/flows/offers.ts';
import { deliveryEventView, deliveryView, driverView } from '#shared/mappers/views.ts';
import { assertId, type Command, numberOf, RefusedError, shopOf, textOf, UsageError, wordOf } from './command.ts';

const LIMIT = { limit: { type: 'string' } } as const;

export const fleetCommands: Readonly<Record<string, Command>> = {
  'drivers list': {
    operands: ['<shop>'],
    help: 'The drivers of a shop',
    options: { status: { type: 'string' }, retired: { type: 'boolean' }, ...LIMIT },
    optionHelp: {
      status: 'AVAILABLE, BUSY or OFFLINE',
      retired: 'those taken out of service',
      limit: 'how many (200)',
    },
    run: async (context, [which = ''], values) => {
      const { id } = await shopOf(context, which);
      const query = {
        status: wordOf(values, 'status', DRIVER_STATUSES),
        retired: values.retired === true,
        cursor: null,
        limit: numberOf(values, 'limit', 200),
      };
      const page = await listDrivers(context.deps, id, query);
      const rows = page.items.map(driverView);
      return {
        rows: rows.map(({ id, name, status, load, capacity, breakUntil, lastOne }) => ({
          id,
          name,
          status,
          load: `${load}/${capacity}`,
          'on break until': breakUntil ?? '',
          'last one': lastOne ? 'yes' : '',
        })),
        value: rows,
        ...(page.next !== null && { note: 'There are more: --limit' }),
      };
    },
  },
  'drivers show': {
    operands: ['<shop>', '<driverId>'],
    help: 'One driver',
    run: async (context, [which = '', driver = '']) => {
      const { id } = await shopOf(context, which);
      const row = await readDriver(context.deps, id, assertId(driver, 'driver'));
      if (row === null) throw new RefusedError(`The shop has no driver ${driver}`);
      return { rows: [{ ...driverView(row) }], value: driverView(row) };
    },
  },
  'drivers offers': {
    operands: ['<shop>', '<driverId>'],
    help: 'What a driver is asked, and for how long',
    run: async (context, [which = '', driver = '']) => {
      const { id } = await shopOf(context, which);
      const driverId = assertId(driver, 'driver');
      if ((await readDriver(context.deps, id, driverId)) === null)
        throw new RefusedError(`The shop has no driver ${driver}`);
      const offers = await listOpenOffers(context.deps, { shopId: id, driverId }, Date.now());
      return {
        rows: offers.map(({ id, wave, size, exclusive, deliveryIds, expiresInS }) => ({
          id,
          deliveries: deliveryIds.length,
          size,
          wave,
          asked: exclusive ? 'alone' : 'with others',
          'left, s': expiresInS,
        })),
        value: offers,
      };
    },
  },
  'drivers export': {
    operands: ['<shop>', '<driverId>'],
    help: 'Everything that is kept of a driver, as JSON',
    run: async (context, [which = '', driver = '']) => {
      const { id } = await shopOf(context, which);
      const found = await exportDriver(context.deps, context.caller, {
        shopId: id,
        driverId: assertId(driver, 'driver'),
      });
      if (found === null) throw new RefusedError(`The shop has no driver ${driver}`);
      return { value: found };
    },
  },
  'drivers erase': {
    operands: ['<shop>', '<driverId>'],
    help: 'Retire a driver and take away who they are and where they were, everywhere. Cannot be undone',
    options: { yes: { type: 'boolean' } },
    optionHelp: { yes: 'really' },
    run: async (context, [which = '', driver = ''], values) => {
      if (values.yes !== true) throw new UsageError('This cannot be undone: say --yes');
      const { id } = await shopOf(context, which);
      const ran = await eraseDriver(context.deps, context.caller, { shopId: id, driverId: assertId(driver, 'driver') });
      if (ran.kind !== 'done') throw new Error(ran.kind);
      if (ran.result.outcome === 'not_found') throw new RefusedError(`The shop has no driver ${driver}`);
      if (ran.result.outcome === 'busy')
        throw new RefusedError(`They carry ${ran.result.load}; unassign or finish that first`);
      return { value: { erased: driver }, note: `The driver ${driver} is erased` };
    },
  },
  'deliveries list': {
    operands: ['<shop>'],
    help: 'The deliveries of a shop, newest first',
    options: { status: { type: 'string' }, dispatch: { type: 'string' }, order: { type: 'string' }, ...LIMIT },
    optionHelp: { status: 'e.g. PENDING', dispatch: 'e.g. searching', order: 'of this order', limit: 'how many (50)' },
    run: async (context, [which = ''], values) => {
      const { id } = await shopOf(context, which);
      const page = await listDeliveries(context.deps, id, {
        status: wordOf(values, 'status', DELIVERY_STATUSES),
        dispatch: wordOf(values, 'dispatch', DISPATCH_STATES),
        driverId: null,
        orderRef: textOf(values, 'order'),
        beforeId: null,
        limit: numberOf(values, 'limit', 50),
      });
      const rows = page.items.map((row) => deliveryView(row));
      return {
        rows: rows.map(({ id, sellerOrderId, status, dispatch, driverId, createdAt }) => ({
          id,
          order: sellerOrderId ?? '',
          status,
          dispatch,
          driver: driverId ?? '',
          created: createdAt,
        })),
        value: rows,
        ...(page.next !== null && { note: 'There are more: --limit' }),
      };
    },
  },
  'deliveries show': {
    operands: ['<shop>', '<deliveryId>'],
    help: 'One delivery and what happened to it',
    run: async (context, [which = '', delivery = '']) => {
      const { id } = await shopOf(context, which);
      const found = await readDelivery(context.deps, id, assertId(delivery, 'delivery'), null);
      if (found === null) throw new RefusedError(`The shop has no delivery ${delivery}`);
      const view = deliveryView(found.delivery);
      const events = found.events.map(deliveryEventView);
      return {
        rows: events.map(({ sequence, type, occurredAt, actor, driverId }) => ({
          sequence,
          type,
          occurredAt,
          actor,
          driver: driverId ?? '',
        })),
        value: { ...view, events },
        note: [
          view.status,
          view.dispatch,
          ...(view.rating ? [`rated ${view.rating.stars} of 5`, view.rating.note ?? ''] : []),
        ]
          .filter(Boolean)
          .join(', '),
      };
    },
  },
};

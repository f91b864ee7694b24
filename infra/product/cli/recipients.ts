import { erasure } from '#shared/contract/erasures.ts';
import { eraseRecipient } from '#shared/flows/erase-recipient.ts';
import { openObjects } from '#shared/objects/open-objects.ts';
import { type Command, checked, RefusedError, shopOf, textOf, UsageError } from './command.ts';

export const recipientCommands: Readonly<Record<string, Command>> = {
  'recipients erase': {
    operands: ['<shop>'],
    help: 'Take a recipient’s name, number, address, notes and photographs out of deliveries that have ended',
    options: {
      delivery: { type: 'string' },
      order: { type: 'string' },
      phone: { type: 'string' },
      country: { type: 'string' },
    },
    optionHelp: {
      delivery: 'of this delivery, by its id',
      order: 'of the delivery of this order',
      phone: 'of all deliveries that name this number, or did, however it is written',
      country: 'the number’s, such as DE; else it is taken for one of the country of each address',
    },
    run: async (context, [which = ''], values) => {
      const said = Object.entries({ deliveryId: 'delivery', sellerOrderId: 'order', phone: 'phone' }).flatMap(
        ([field, option]) => (textOf(values, option) === null ? [] : [[field, textOf(values, option)]]),
      );
      if (said.length !== 1) throw new UsageError('Needs one of --delivery, --order, --phone');
      const deps = { db: context.deps.db, objects: openObjects(context.config.proofs) };
      const input = checked(erasure, { ...Object.fromEntries(said), countryCode: textOf(values, 'country') });
      const done = await eraseRecipient(deps, (await shopOf(context, which)).id, input);
      if (done === null) throw new RefusedError('There is no such delivery');
      const open = done.underWay.length === 0 ? '' : `; under way, to be erased later: ${done.underWay.join(', ')}`;
      return { value: done, note: `Erased in ${done.erased.length} deliveries${open}` };
    },
  },
};

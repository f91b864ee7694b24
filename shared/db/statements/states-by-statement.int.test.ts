import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  allowedNext,
  DELIVERY_STATUSES,
  type DeliveryStatus,
  FINAL_STATUSES,
  mayBeRedelivered,
} from '#shared/domain/delivery.ts';
import { buildDrivers, HERE } from '#shared/testing/builders.ts';
import { nobody, openShopCommands, type ShopCommands } from '#shared/testing/shop-commands.ts';
import { stepsTo } from '#shared/testing/steps-to.ts';
import { commitHold } from './hold-delivery.ts';
import { commitMove } from './move-delivery.ts';
import { commitRedelivery } from './redeliver-delivery.ts';
import { commitPincode } from './set-pincode.ts';

/* Every status, every command and every caller: what a statement answers is what the domain says. */

let commands: ShopCommands;

beforeAll(async () => {
  commands = await openShopCommands();
});
afterAll(() => commands.close());

interface Brought {
  id: string;
  driver: string;
  stranger: string;
  version: number;
}

async function brought(status: DeliveryStatus): Promise<Brought> {
  const [driver = '', stranger = ''] = await buildDrivers(commands.db, commands.shop, [HERE, HERE]);
  let { id, version } = await commands.created(null, status === 'PENDING' ? [] : [driver]);
  for (const to of status === 'PENDING' ? [] : stepsTo(status)) {
    const ran = await commitMove(commands.db, nobody, commands.move(id, to));
    if (ran.kind !== 'done' || ran.result.outcome !== 'moved') throw new Error(JSON.stringify(ran));
    version = ran.result.delivery.version;
  }
  return { id, driver, stranger, version };
}

/** Whom a step is of; what is PENDING is nobody's. */
const CALLERS = {
  'the shop': () => ({ driver_id: null, by_shop: true }),
  'its driver': ({ driver }: Brought) => ({ driver_id: driver }),
  'another driver': ({ stranger }: Brought) => ({ driver_id: stranger }),
} as const;
type CallerName = keyof typeof CALLERS;

function expected(from: DeliveryStatus, to: DeliveryStatus, caller: CallerName): string {
  if (caller === 'another driver' || (caller === 'its driver' && from === 'PENDING')) return 'not_found';
  if (allowedNext(from).includes(to)) return 'moved';
  return from === to ? 'unchanged' : 'illegal';
}

describe.each(DELIVERY_STATUSES)('what is %s', (from) => {
  // ASSIGNED is no step: who gets it is a command of its own, below.
  const cases = DELIVERY_STATUSES.filter((to) => to !== 'ASSIGNED').flatMap((to) =>
    (Object.keys(CALLERS) as CallerName[]).map((caller) => ({ to, caller })),
  );

  test('moves as the domain says, for each caller', async () => {
    const answers: unknown[] = [];
    // One after the other: all at once are more than there are connections, and who waits too long for one is refused.
    for (const { to, caller } of cases) {
      const delivery = await brought(from);
      const move = commands.move(delivery.id, to, CALLERS[caller](delivery));
      const ran = await commitMove(commands.db, nobody, move);
      if (ran.kind !== 'done') throw new Error(ran.kind);
      const { result } = ran;
      const isFound = result.outcome !== 'not_found';
      const left = isFound && { status: result.delivery.status, raised: result.delivery.version - delivery.version };
      answers.push({ to, caller, outcome: result.outcome, ...left });
    }
    expect(answers).toEqual(
      cases.map(({ to, caller }) => {
        const outcome = expected(from, to, caller);
        const isMoved = outcome === 'moved';
        const left = outcome !== 'not_found' && { status: isMoved ? to : from, raised: isMoved ? 1 : 0 };
        return { to, caller, outcome, ...left };
      }),
    );
  });

  test('is given, held, tried again and has another code as the domain says', async () => {
    const [given, held, tried, coded] = await Promise.all([brought(from), brought(from), brought(from), brought(from)]);
    const of = ({ id }: Brought) => ({ shop_id: commands.shop, delivery_id: id });
    const { db } = commands;
    const isWaiting = from === 'PENDING';
    // By hand also to another driver, until it is collected.
    expect(await commands.assign(given.id, given.stranger)).toMatchObject({
      result: { outcome: isWaiting || from === 'ASSIGNED' ? 'assigned' : 'not_pending' },
    });
    expect(await commitHold(db, nobody, { ...of(held), until: null, note: null })).toMatchObject({
      result: { outcome: isWaiting ? 'held' : 'not_pending' },
    });
    const next = (['PENDING', 'PICKED_UP'] as const).filter((to) => mayBeRedelivered(from, to));
    const again = await commitRedelivery(db, nobody, { ...of(tried), order_ref: null }, {}, {});
    expect(again).toMatchObject({ result: { outcome: next.length > 0 ? 'redelivered' : 'illegal' } });
    if (next.length > 0 && 'result' in again && 'delivery' in again.result)
      expect(next).toContain(again.result.delivery.status);
    expect(await commitPincode(db, nobody, { ...of(coded), pincode: '4711' })).toMatchObject({
      result: { outcome: FINAL_STATUSES.includes(from) ? 'ended' : 'set' },
    });
  });
});

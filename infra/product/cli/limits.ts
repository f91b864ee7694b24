import { callerLimits } from '#shared/contract/caller-limits.ts';
import { changeLimits } from '#shared/flows/shops.ts';
import { type Command, checked, RefusedError, shopOf, textOf } from './command.ts';

const NAMES = Object.keys(callerLimits.entries);
const UNSET = 'null';

export const limitCommands: Readonly<Record<string, Command>> = {
  'shops limits': {
    operands: ['<shop>'],
    help: 'What the callers of a shop may ask instead of LIMIT_* in the environment; options change it',
    options: Object.fromEntries(NAMES.map((name) => [name, { type: 'string' }])),
    optionHelp: Object.fromEntries(NAMES.map((name) => [name, `0: no limit; ${UNSET}: as the environment has it`])),
    run: async (context, [which = ''], values) => {
      const shop = await shopOf(context, which);
      const named = NAMES.flatMap((name) => {
        const text = textOf(values, name);
        return text === null ? [] : [[name, text] as const];
      });
      if (named.length === 0) return shown(shop.limits);
      const wanted: Record<string, unknown> = { ...shop.limits };
      for (const [name, text] of named) {
        if (text === UNSET) delete wanted[name];
        // An empty text is no 0, which would mean no limit.
        else wanted[name] = /^\d+$/.test(text) ? Number(text) : text;
      }
      const ran = await changeLimits(context.deps, context.caller, shop.id, checked(callerLimits, wanted));
      if (ran.kind !== 'done') throw new Error(ran.kind);
      if (ran.result.outcome === 'not_found') throw new RefusedError(`There is no shop ${which}`);
      return { ...shown(ran.result.shop.limits), note: 'Counts within 15 s in every process' };
    },
  },
};

const shown = (limits: Readonly<Record<string, number>>) => ({
  rows: NAMES.map((name) => ({ limit: name, value: String(limits[name] ?? 'as the environment has it') })),
  value: limits,
});

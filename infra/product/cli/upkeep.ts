import { checkProjection, rebuildProjection } from '#shared/flows/check-projection.ts';
import { forgetOld, isNothing, NOTHING, sum } from '#shared/flows/relay/forget-old.ts';
import { openObjects } from '#shared/objects/open-objects.ts';
import { type Command, type Context, RefusedError } from './command.ts';

/** @throws RefusedError where there is none */
function withRedis({ deps }: Context) {
  const { db, availability } = deps;
  if (availability === null) throw new RefusedError('There is no Redis in the environment, so nothing is projected');
  return { db, availability };
}

export const upkeepCommands: Readonly<Record<string, Command>> = {
  'projection check': {
    operands: [],
    help: 'Compare Redis with Postgres, driver by driver; changes nothing. Exit 1 if they differ',
    run: async (context) => {
      const checks = await checkProjection(withRedis(context));
      const differ = checks.some(({ warm, different, unknown }) => !warm || different.length + unknown.length > 0);
      return {
        rows: checks.map(({ shop, warm, drivers, different, unknown }) => ({
          shop,
          warm,
          drivers,
          different: different.length,
          unknown: unknown.length,
        })),
        value: checks,
        note: differ ? 'They differ. The relay mends that within 30 s; if it stays: projection rebuild' : 'They agree',
        failed: differ,
      };
    },
  },
  'projection rebuild': {
    operands: [],
    help: 'Empty Redis of every shop’s drivers and fill it from Postgres',
    run: async (context) => {
      const repair = await rebuildProjection(withRedis(context));
      return { rows: [{ ...repair }], value: repair };
    },
  },
  'retention show': {
    operands: [],
    help: 'After how many days what is forgotten (RETENTION_…)',
    run: async ({ config }) => ({ rows: [{ ...config.retention }], value: config.retention }),
  },
  'retention run': {
    operands: [],
    help: 'Forget now what is old enough; the relay does it by itself, a little every minute',
    run: async ({ deps, config }) => {
      const objects = openObjects(config.proofs);
      let total = NOTHING;
      for (;;) {
        const step = await forgetOld({ db: deps.db, objects }, config.retention);
        if (isNothing(step)) return { rows: [{ ...total }], value: total };
        total = sum(total, step);
      }
    },
  },
};

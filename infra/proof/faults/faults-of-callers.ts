import { ATTACKS, attack } from '../bench/attacks.ts';
import type { Fault } from './fault.ts';

/**
 * Nothing is broken here: somebody asks what nobody honest asks, with nothing or with a key of a shop of their own. The
 * others must not notice: every invariant is checked over what they ask meanwhile, and P10 counts what is refused to them.
 */
export const CALLER_FAULTS: readonly Fault[] = ATTACKS.map((kind) => ({
  name: `caller_${kind.replaceAll(' ', '_')}`,
  group: 'caller',
  inject: async ({ workers, world }) => {
    const ending = new AbortController();
    const attacks = workers.map(({ port }) =>
      attack(kind, { url: `http://127.0.0.1:${port}`, key: world.hostile.key }, ending.signal),
    );
    return async () => {
      ending.abort();
      await Promise.all(attacks);
    };
  },
}));

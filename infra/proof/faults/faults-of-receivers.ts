import type { Fault } from './fault.ts';
import type { ReceiverMode } from './receiver.ts';

/** All of them at the endpoint of `north`; `south` must not notice. The one that says 410 is the endpoint of `east`. */
export const RECEIVER_FAULTS: readonly Fault[] = (
  ['down', 'error', 'silent', 'too_many', 'redirect', 'drip', 'huge'] as const satisfies readonly ReceiverMode[]
).map((mode) => ({
  name: `receiver_${mode}`,
  group: 'receiver',
  shop: 'north',
  inject: async ({ receiver }) => {
    receiver.set('north', mode);
    return async () => receiver.set('north', 'ok');
  },
}));

import * as v from 'valibot';
import { integer } from './nouns.ts';

const perMinute = (whose: string) =>
  v.pipe(integer(0, 999_999_999), v.description(`Requests a minute of ${whose}; 0: no limit.`));
const streams = (whose: string) =>
  v.pipe(integer(0, 10_000), v.description(`Live streams of ${whose}, open at once in one process; 0: no limit.`));

/** What the operator allows a shop's callers; what is not named is as the environment has it. */
export const callerLimits = v.partial(
  v.object({
    keyPerMinute: perMinute('one key'),
    driverPerMinute: perMinute('one driver'),
    shopPerMinute: perMinute('all keys and drivers together'),
    streamsPerKey: streams('one key'),
    streamsPerShop: streams('the shop'),
  }),
);
export type CallerLimits = v.InferOutput<typeof callerLimits>;

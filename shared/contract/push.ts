import * as v from 'valibot';
import { webUrl } from './nouns.ts';

/** Longer ones are no push service's, and would not go into an index. */
const endpoint = v.pipe(webUrl, v.maxLength(1_000, 'must have at most 1000 characters'));
const bytes = (count: number, pattern: RegExp) =>
  v.pipe(v.string('must be a text'), v.regex(pattern, `must be ${count} bytes in base64url`));

/** What a browser's `PushSubscription.toJSON()` gives. */
export const pushSubscription = v.object({
  /** Where the browser's push service takes messages for it. */
  endpoint,
  keys: v.object({
    p256dh: bytes(65, /^B[\w-]{86}=?$/),
    auth: bytes(16, /^[\w-]{22}={0,2}$/),
  }),
});
export const pushEndpoint = v.object({ endpoint });

import * as v from 'valibot';
import { deliveryId, pageCursor, text } from './nouns.ts';
import { countryCode, isSameNumber, lastDigitsOf, phone } from './phone.ts';

/** Whose people are to be erased, by one of these. */
export const erasure = v.union(
  [
    v.object({ deliveryId }),
    v.object({ sellerOrderId: text(200) }),
    /** However it is written; deliveries that name it at either end, or did. Without a country it is of that of each address. */
    v.pipe(
      v.object({
        phone: v.pipe(phone, v.regex(/(?:\d\D*){6}/, 'must have at least six digits')),
        countryCode: v.optional(v.nullable(countryCode), null),
        cursor: v.optional(v.nullable(pageCursor), null),
      }),
      v.transform((theirs) => ({
        digits: lastDigitsOf(theirs),
        cursor: theirs.cursor,
        isTheirs: (named: string, country: string | null) =>
          isSameNumber(theirs, { phone: named, countryCode: country }),
      })),
    ),
  ],
  'must have deliveryId, sellerOrderId or phone',
);

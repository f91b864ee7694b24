import * as v from 'valibot';
import { deliveryId, text } from './nouns.ts';
import { phone } from './phone.ts';

/** Whose people are to be erased, by one of these. */
export const erasure = v.union(
  [
    v.object({ deliveryId }),
    v.object({ sellerOrderId: text(200) }),
    /** Compared by its digits, with the country's; deliveries that name it at either end. */
    v.object({ phone: v.pipe(phone, v.regex(/(?:\d\D*){6}/, 'must have at least six digits')) }),
  ],
  'must have deliveryId, sellerOrderId or phone',
);

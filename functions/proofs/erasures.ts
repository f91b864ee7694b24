import type { PhotoDeps } from '#shared/composition/page-deps.ts';
import { erasure } from '#shared/contract/erasures.ts';
import { eraseRecipient } from '#shared/flows/erase-recipient.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { Problem } from '#shared/http/problem.ts';

/** What a request takes from then on, with what the last step takes besides, fits into the time that it has. */
const LATE_AFTER_MS = 1_200;

/** Beside the photographs, which go with it: this function reaches the store in which they are. */
export const postErasure = endpoint({
  method: 'POST',
  path: '/v1/erasures',
  auth: ['shop:admin'],
  keepsNothing: true,
  body: erasure,
  handle: async ({ principal, body, requestId }, deps: PhotoDeps) => {
    const startedMs = performance.now();
    const isLate = () => performance.now() - startedMs > LATE_AFTER_MS;
    const done = await eraseRecipient(deps, principal.shopId, body, isLate);
    if (done === null) throw new Problem('not_found');
    deps.log.info('recipient_erased', {
      requestId,
      shopId: principal.shopId,
      keyId: principal.keyId,
      count: done.erased.length,
    });
    return { status: 200, body: done };
  },
});

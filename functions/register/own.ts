import { Problem } from '#shared/http/problem.ts';

/** A shop may ask about itself only; another is as unknown to it as one that is not there. */
export function assertOwn(principal: { kind: string; shopId?: string }, id: string): void {
  if (principal.kind === 'shop' && principal.shopId !== id) throw new Problem('not_found');
}

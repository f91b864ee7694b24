/**
 * Thrown, so that nothing of it is committed: with half of it the shop would take the same news for outdated when they
 * come again.
 * - `conflict`: the fulfillment belongs to another delivery
 * - `refused`: Vendure does not let it happen at present
 */
export class NotApplied extends Error {
  constructor(
    readonly why: 'conflict' | 'refused',
    message: string,
  ) {
    super(message);
  }
}

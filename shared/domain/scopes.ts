/**
 * What a key of a shop may do, each including those behind it: `admin` is the shop's settings, webhook, keys, and
 * erasure; `dispatch` the daily work; `read` looks on.
 */
export const SHOP_SCOPES = ['admin', 'dispatch', 'read'] as const;
export type ShopScope = (typeof SHOP_SCOPES)[number];

/** Whether one of these scopes is `needed`, or includes it. */
export function includesScope(scopes: readonly ShopScope[], needed: ShopScope): boolean {
  return SHOP_SCOPES.slice(0, SHOP_SCOPES.indexOf(needed) + 1).some((scope) => scopes.includes(scope));
}

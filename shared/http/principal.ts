import { includesScope, SHOP_SCOPES, type ShopScope } from '../domain/scopes.ts';
import type { HttpHeaders } from './problem.ts';

export type OperatorPrincipal = { readonly kind: 'operator' };
export type ShopPrincipal = {
  readonly kind: 'shop';
  readonly shopId: string;
  readonly keyId: string;
  readonly scopes: readonly ShopScope[];
};
export type DriverPrincipal = {
  readonly kind: 'driver';
  readonly shopId: string;
  readonly driverId: string;
  /** The paired phone; absent with a token that is bound to none. */
  readonly deviceId?: string;
};
export type Principal = OperatorPrincipal | ShopPrincipal | DriverPrincipal;

/** Who may ask. For a shop's key: one with this scope, or with one that includes it. */
export type Allowed = 'operator' | `shop:${ShopScope}` | 'driver';
export type Auth = 'none' | readonly Allowed[];

type PrincipalByAllowed = {
  operator: OperatorPrincipal;
  'shop:admin': ShopPrincipal;
  'shop:dispatch': ShopPrincipal;
  'shop:read': ShopPrincipal;
  driver: DriverPrincipal;
};
/** The principals that pass an endpoint's `auth`; `null` where it asks for none. */
export type PrincipalOf<A extends Auth> = A extends readonly (infer R extends Allowed)[] ? PrincipalByAllowed[R] : null;

/**
 * Who sent these headers (names in lower case). `null`: no proof, or a wrong or expired one.
 * @throws DependencyAway when the proof cannot be checked now
 */
export type Authenticate = (headers: HttpHeaders) => Promise<Principal | null>;

export function mayAsk(principal: Principal, allowed: readonly Allowed[]): boolean {
  switch (principal.kind) {
    case 'operator':
      return allowed.includes('operator');
    case 'driver':
      return allowed.includes('driver');
    case 'shop':
      return SHOP_SCOPES.some((scope) => allowed.includes(`shop:${scope}`) && includesScope(principal.scopes, scope));
  }
}

/** The token of `Authorization: Bearer <token>`, or `null`. */
export function bearerOf(headers: HttpHeaders): string | null {
  return /^Bearer +([\x21-\x7e]{1,4096}) *$/i.exec(headers.authorization ?? '')?.[1] ?? null;
}

import page from 'page:console';
import * as v from 'valibot';
import type { PageDeps } from '#shared/composition/page-deps.ts';
import { includesScope } from '#shared/domain/scopes.ts';
import { ratioOf } from '#shared/flows/arrival.ts';
import { beginSession, endSession, redeemTicket } from '#shared/flows/login.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { assertWithin } from '#shared/http/limits.ts';
import { pageFile, renderPage } from '#shared/http/page.ts';
import { Problem } from '#shared/http/problem.ts';
import { isSecure, SESSION_LIFE_S, type Session } from '#shared/http/session.ts';

const getConsole = endpoint({
  method: 'GET',
  path: '/console',
  auth: 'none',
  sparesPostgres: true,
  handle: ({ headers }, deps: PageDeps) => {
    const secure = isSecure(headers, deps.publicUrl);
    return renderPage(page, { title: 'Dispatch console', base: '/console', map: deps.map, secure });
  },
});

const getAsset = endpoint({
  method: 'GET',
  path: '/console/assets/:file',
  auth: 'none',
  sparesPostgres: true,
  handle: ({ params }) => pageFile(page, params.file),
});

const NOT_VALID = 'This key is not valid, or this link was used before';

/** By a key of the shop, or by a one-time ticket. JSON is required, so no form of another site can log anybody in. */
const postSession = endpoint({
  method: 'POST',
  path: '/console/session',
  auth: 'none',
  body: v.union([
    v.object({ key: v.pipe(v.string(), v.maxLength(300)) }),
    v.object({ ticket: v.pipe(v.string(), v.maxLength(2_000)) }),
  ]),
  handle: async ({ body, headers }, deps: PageDeps) => {
    const who =
      'key' in body
        ? await byKey(body.key, deps)
        : await redeemTicket(deps, deps.seal, body.ticket, deps.clock.nowMs());
    if (who === null) throw new Problem('unauthorized', NOT_VALID);
    // Its proof is good: from here on it is the key that asks, for a row that is kept.
    const asking = { kind: 'shop', ...who, scopes: [] } as const;
    assertWithin(deps.limits?.spend(asking, 1) ?? null);
    const id = await beginSession(deps.turns?.of(deps, asking) ?? deps, who.keyId, SESSION_LIFE_S);
    if (id === null) throw new Problem('unauthorized', NOT_VALID);
    const cookie = deps.sessions.cookieOf({ ...who, id }, headers);
    return { status: 204, headers: { 'set-cookie': cookie } };
  },
});

async function byKey(key: string, deps: PageDeps): Promise<Omit<Session, 'id'> | null> {
  const principal = await deps.authenticate({ authorization: `Bearer ${key.trim()}` });
  return principal?.kind === 'shop' ? { shopId: principal.shopId, keyId: principal.keyId } : null;
}

const deleteSession = endpoint({
  method: 'DELETE',
  path: '/console/session',
  auth: ['shop:read'],
  keepsNothing: true,
  handle: async ({ headers }, deps: PageDeps) => {
    const session = deps.sessions.read(headers);
    if (session !== null) await endSession(deps, session.id);
    return { status: 204, headers: { 'set-cookie': deps.sessions.endingCookie(headers) } };
  },
});

const getSession = endpoint({
  method: 'GET',
  path: '/console/session',
  auth: ['shop:read'],
  handle: async ({ principal }, deps: PageDeps) => {
    const shop = await deps.shops.byId(principal.shopId);
    if (shop === null) throw new Problem('not_found');
    const { id, name, pickup_lat: lat, pickup_lon: lon } = shop;
    const pickup = lat === null || lon === null ? null : { lat, lon };
    const etaRatio = await ratioOf(deps, id);
    const mayDispatch = includesScope(principal.scopes, 'dispatch');
    const mayAdmin = includesScope(principal.scopes, 'admin');
    return { status: 200, body: { shopId: id, name, pickup, etaRatio, mayDispatch, mayAdmin } };
  },
});

export const endpoints = [getConsole, getAsset, postSession, deleteSession, getSession];

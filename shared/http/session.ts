import type { Seal } from '../secrets/seal.ts';
import type { HttpHeaders } from './problem.ts';

/** Who is logged in to the console: a shop, by one of its keys. Withdrawing the key ends the session. */
export interface Session {
  /** Of its row, which goes when the session is ended. */
  id: string;
  shopId: string;
  keyId: string;
}

export interface Sessions {
  /** The `Set-Cookie` of a session, in an answer to these headers. */
  cookieOf(session: Session, headers: HttpHeaders): string;
  endingCookie(headers: HttpHeaders): string;
  /** The session of a request that a page of our own has sent; `null` for every other. */
  read(headers: HttpHeaders): Session | null;
}

const COOKIE = 'dispatch_session';
/** Browsers take a cookie of this name from no other host and from nothing but https. */
const HOST_COOKIE = `__Host-${COOKIE}`;
export const SESSION_LIFE_S = 12 * 3600;

/** @param publicUrl where it is https, so is every request, whatever a proxy says of it */
export function openSessions(seal: Seal, nowMs: () => number, publicUrl: string | null): Sessions {
  return {
    cookieOf: ({ id, shopId, keyId }, headers) => {
      const value = seal.close('session', { id, shopId, keyId }, nowMs() + SESSION_LIFE_S * 1000);
      return cookie(value, SESSION_LIFE_S, isSecure(headers, publicUrl));
    },
    endingCookie: (headers) => cookie('', 0, isSecure(headers, publicUrl)),
    read(headers) {
      const value = cookieIn(headers.cookie ?? '', isSecure(headers, publicUrl) ? HOST_COOKIE : COOKIE);
      if (value === null || !isOurOwn(headers)) return null;
      const found = seal.open('session', value, nowMs());
      return found?.id && found.shopId && found.keyId
        ? { id: found.id, shopId: found.shopId, keyId: found.keyId }
        : null;
    },
  };
}

function cookie(value: string, lifeS: number, secure: boolean): string {
  const flags = ['Path=/', 'HttpOnly', 'SameSite=Strict', `Max-Age=${lifeS}`, ...(secure ? ['Secure'] : [])];
  return [`${secure ? HOST_COOKIE : COOKIE}=${value}`, ...flags].join('; ');
}

/** Two of one name: somebody else has set one of them, and nobody can tell which. */
function cookieIn(header: string, name: string): string | null {
  const values = header.split(';').flatMap((part) => {
    const [found, value] = part.trim().split('=', 2);
    return found === name && value ? value : [];
  });
  return values.length === 1 ? values[0]! : null;
}

/**
 * A browser sends the cookie with every request to us, also with one that another site made it send. `SameSite=Strict`
 * stops other sites, not other hosts of ours; so the browser's own word counts (`Sec-Fetch-Site`, or `Origin` where it
 * is not given), and without either a header that only a page of this origin can set.
 */
function isOurOwn(headers: HttpHeaders): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin';
  const { origin } = headers;
  if (origin !== undefined) return URL.canParse(origin) && new URL(origin).host === headers.host;
  return headers['x-requested-by'] === 'console';
}

/** Whether the browser reached us by https, so that the cookie may be kept to it. */
export function isSecure(headers: HttpHeaders, publicUrl: string | null): boolean {
  return headers['x-forwarded-proto'] === 'https' || (publicUrl?.startsWith('https:') ?? false);
}

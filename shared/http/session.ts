import type { HttpHeaders } from './problem.ts';
import type { Seal } from './seal.ts';

/** Who is logged in to the console: a shop, by one of its keys. Withdrawing the key ends the session. */
export interface Session {
  shopId: string;
  keyId: string;
}

export interface Sessions {
  /** The `Set-Cookie` of a session that lasts twelve hours. */
  cookieOf(session: Session, secure: boolean): string;
  endingCookie(secure: boolean): string;
  /** The session of a request that a page of our own has sent; `null` for every other. */
  read(headers: HttpHeaders): Session | null;
}

const COOKIE = 'dispatch_session';
const LIFE_S = 12 * 3600;

export function openSessions(seal: Seal, nowMs: () => number): Sessions {
  return {
    cookieOf: (session, secure) => {
      const value = seal.close('session', { ...session }, nowMs() + LIFE_S * 1000);
      return cookie(value, LIFE_S, secure);
    },
    endingCookie: (secure) => cookie('', 0, secure),
    read(headers) {
      const value = cookieIn(headers.cookie ?? '');
      if (value === null || !isOurOwn(headers)) return null;
      const found = seal.open('session', value, nowMs());
      return found?.shopId && found.keyId ? { shopId: found.shopId, keyId: found.keyId } : null;
    },
  };
}

function cookie(value: string, lifeS: number, secure: boolean): string {
  const flags = ['Path=/', 'HttpOnly', 'SameSite=Strict', `Max-Age=${lifeS}`, ...(secure ? ['Secure'] : [])];
  return [`${COOKIE}=${value}`, ...flags].join('; ');
}

function cookieIn(header: string): string | null {
  for (const part of header.split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === COOKIE && value) return value;
  }
  return null;
}

/**
 * A cookie comes with every request a browser sends here, whoever made it send one. `SameSite=Strict` stops other
 * sites, not other hosts of ours; so the browser's own word counts (`Sec-Fetch-Site`, or `Origin` where it is not
 * given), and without either a header that only a page of this origin can set.
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

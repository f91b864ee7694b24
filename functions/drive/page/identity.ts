import { ask } from '#shared/pages/ask.ts';

export interface Identity {
  driverId: string;
  headers: Readonly<Record<string, string>>;
}

const SHELF = 'drive.token';
const DEVICE_SHELF = 'drive.device';

/**
 * Who this phone is. A link's fragment leaves the address bar; one of somebody else is only taken if the person with the
 * phone says so: it would send this driver's positions to others. A link with a token (`#token=`) is of the version
 * before; one with a code (`#pair=`) is exchanged for a token of this phone.
 * @throws Error in words for people, where a code is not taken
 */
export async function readIdentity(): Promise<Identity | null> {
  const [, kind, given = ''] = /^#(token|pair)=([\w.-]+)$/.exec(location.hash) ?? [];
  if (kind !== undefined) history.replaceState(null, '', location.pathname);
  if (kind === 'pair') return pair(given);
  if (kind === 'token') {
    const [before, after] = [subjectOf(localStorage.getItem(SHELF)), subjectOf(given)];
    if (before === null || before === after || confirm(ANOTHER_DRIVER)) become(given, null);
  }
  return known();
}

/**
 * Makes this phone a driver's by a code, after asking where it is somebody's already: the code is used up by that, and
 * says only afterwards whose it is.
 */
export async function pair(code: string): Promise<Identity | null> {
  if (known() !== null && !confirm(ANOTHER_CODE)) return known();
  const { token, deviceId } = await ask<{ token: string; deviceId: string }>('POST', '/v1/pairings', {
    body: { code, deviceName: deviceName() },
  });
  become(token, deviceId);
  return known();
}

function known(): Identity | null {
  const token = localStorage.getItem(SHELF);
  const driverId = subjectOf(token);
  return driverId ? { driverId, headers: { authorization: `Bearer ${token}` } } : null;
}

function become(token: string, deviceId: string | null): void {
  localStorage.setItem(SHELF, token);
  if (deviceId === null) localStorage.removeItem(DEVICE_SHELF);
  else localStorage.setItem(DEVICE_SHELF, deviceId);
}

const KEPT = 'What you have not sent yet stays on it, for you.';
const ANOTHER_DRIVER = `This link is another driver’s. Shall this phone be theirs from now on? ${KEPT}`;
const ANOTHER_CODE = `This phone is a driver’s already. Shall it be the one’s whose link this is, from now on? ${KEPT}`;

/** Steps that have not arrived stay on the phone, for the driver's next link. */
export async function forgetIdentity(): Promise<void> {
  const [identity, deviceId] = [known(), localStorage.getItem(DEVICE_SHELF)];
  localStorage.removeItem(SHELF);
  localStorage.removeItem(DEVICE_SHELF);
  // Without a connection the token goes on being good until the shop withdraws this phone, but nobody has it.
  if (identity !== null && deviceId !== null) {
    const path = `/v1/drivers/${identity.driverId}/devices/${deviceId}`;
    await ask('DELETE', path, { headers: identity.headers }).catch(() => {});
  }
  location.reload();
}

/** The token's subject. The phone only reads it; the service checks it. */
function subjectOf(token: string | null): string | null {
  if (token === null) return null;
  try {
    const payload = token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/');
    return (JSON.parse(atob(payload)) as { sub?: string }).sub ?? null;
  } catch {
    return null;
  }
}

/** As much as tells two phones of one driver apart. */
function deviceName(): string {
  const [system] = /iPhone|iPad|Android|Windows|Mac OS|Linux/.exec(navigator.userAgent) ?? ['Phone'];
  const [browser] = /Firefox|Edg|Chrome|Safari/.exec(navigator.userAgent) ?? ['browser'];
  return `${system}, ${browser === 'Edg' ? 'Edge' : browser}`;
}

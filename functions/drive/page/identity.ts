import { ask } from '#shared/pages/ask.ts';
import { texts } from './language.ts';
import { onShelf } from './shelf.ts';

export interface Identity {
  driverId: string;
  headers: Readonly<Record<string, string>>;
}

/** Where the version before kept them; a worker cannot read that. */
const [OLD_TOKEN, OLD_DEVICE] = ['drive.token', 'drive.device'];

/**
 * Who this phone is. A link's fragment leaves the address bar; one of somebody else is only taken if the person with the
 * phone says so: it would send this driver's positions to others. A link with a token (`#token=`) is of the version
 * before; one with a code (`#pair=`) is exchanged for a token of this phone.
 * @throws Error in words for people, where a code is not taken
 */
export async function readIdentity(): Promise<Identity | null> {
  const [, kind, given = ''] = /^#(token|pair)=([\w.-]+)$/.exec(location.hash) ?? [];
  if (kind !== undefined) history.replaceState(null, '', location.pathname);
  await takeOver();
  if (kind === 'pair') return pair(given);
  if (kind === 'token') {
    const [before, after] = [await knownIdentity(), subjectOf(given)];
    if (before === null || before.driverId === after || confirm(texts.anotherDriversLink)) await become(given, null);
  }
  return knownIdentity();
}

/**
 * Makes this phone a driver's by a code, after asking where it is somebody's already: the code is used up by that, and
 * says only afterwards whose it is.
 */
export async function pair(code: string): Promise<Identity | null> {
  const before = await knownIdentity();
  if (before !== null && !confirm(texts.anotherDriversCode)) return before;
  const { token, deviceId } = await ask<{ token: string; deviceId: string }>('POST', '/v1/pairings', {
    body: { code, deviceName: deviceName() },
  });
  await become(token, deviceId);
  return knownIdentity();
}

/** For the page and for its worker. */
export async function knownIdentity(): Promise<Identity | null> {
  const token = (await kept())?.token ?? null;
  const driverId = subjectOf(token);
  return driverId ? { driverId, headers: { authorization: `Bearer ${token}` } } : null;
}

const kept = () => onShelf((shelf) => shelf.get('identity', 'this'));

async function become(token: string, deviceId: string | null): Promise<void> {
  await onShelf((shelf) => shelf.put('identity', { token, deviceId }, 'this'));
}

async function takeOver(): Promise<void> {
  const token = localStorage.getItem(OLD_TOKEN);
  if (token === null) return;
  await become(token, localStorage.getItem(OLD_DEVICE));
  for (const shelf of [OLD_TOKEN, OLD_DEVICE]) localStorage.removeItem(shelf);
}

/** Steps that have not arrived stay on the phone, for the driver's next link; where they were to go does not. */
export async function forgetIdentity(): Promise<void> {
  const [identity, device] = [await knownIdentity(), await kept()];
  await onShelf((shelf) => shelf.delete('identity', 'this'));
  await onShelf((shelf) => shelf.clear('seen'));
  // Without a connection the token goes on being good until the shop withdraws this phone, but nobody has it.
  if (identity !== null && device?.deviceId) {
    const path = `/v1/drivers/${identity.driverId}/devices/${device.deviceId}`;
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

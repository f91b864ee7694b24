export interface Identity {
  driverId: string;
  headers: Readonly<Record<string, string>>;
}

const SHELF = 'drive.token';

/**
 * Who this phone is: by the link's fragment, afterwards by what was kept of it. The token leaves the address bar. A link
 * of somebody else is only taken if the person with the phone says so: it would send this driver's positions to others.
 */
export function readIdentity(): Identity | null {
  const given = /^#token=([\w.-]+)$/.exec(location.hash)?.[1];
  if (given !== undefined) {
    const [before, after] = [subjectOf(localStorage.getItem(SHELF)), subjectOf(given)];
    if (before === null || before === after || confirm(ANOTHER_DRIVER)) localStorage.setItem(SHELF, given);
    history.replaceState(null, '', location.pathname);
  }
  const token = localStorage.getItem(SHELF);
  const driverId = subjectOf(token);
  return driverId ? { driverId, headers: { authorization: `Bearer ${token}` } } : null;
}

const ANOTHER_DRIVER =
  'This link is another driver’s. Shall this phone be theirs from now on? What you have not sent yet stays on it, for you.';

/** Steps that have not arrived stay on the phone, for the driver's next link. */
export function forgetIdentity(): void {
  localStorage.removeItem(SHELF);
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

export interface Identity {
  driverId: string;
  headers: Readonly<Record<string, string>>;
}

const SHELF = 'drive.token';

/** Who this phone is: by the link's fragment, afterwards by what was kept of it. The token leaves the address bar. */
export function readIdentity(): Identity | null {
  const given = /^#token=([\w.-]+)$/.exec(location.hash)?.[1];
  if (given !== undefined) {
    if (given !== localStorage.getItem(SHELF)) localStorage.clear();
    localStorage.setItem(SHELF, given);
    history.replaceState(null, '', location.pathname);
  }
  const token = localStorage.getItem(SHELF);
  const driverId = token && subjectOf(token);
  return driverId ? { driverId, headers: { authorization: `Bearer ${token}` } } : null;
}

export function forgetIdentity(): void {
  localStorage.clear();
  location.reload();
}

/** The token's subject. The phone only reads it; the service checks it. */
function subjectOf(token: string): string | null {
  try {
    const payload = token.split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/');
    return (JSON.parse(atob(payload)) as { sub?: string }).sub ?? null;
  } catch {
    return null;
  }
}

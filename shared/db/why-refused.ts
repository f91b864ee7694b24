/** By SQLSTATE and by the codes of sockets and of the client. */
const WHY: Readonly<Record<string, string>> = {
  '28P01': 'PostgreSQL refused the user or their password: check DATABASE_URL, or DB_USERNAME and DB_PASSWORD',
  '28000': 'PostgreSQL does not let this user in from here: check DATABASE_URL, and pg_hba.conf on the server',
  '3D000': 'there is no such database on the server: create it, or name another in DATABASE_URL or DB_NAME',
  '42501': 'the database user may not do this: let them create a schema (GRANT CREATE ON DATABASE … TO …)',
  ECONNREFUSED: 'no PostgreSQL listens there: check host and port in DATABASE_URL, or DB_HOST and DB_PORT',
  ENOTFOUND: 'the host of the database has no address: check DATABASE_URL or DB_HOST',
  EAI_AGAIN: 'the host of the database has no address at the moment: check DATABASE_URL or DB_HOST',
  CONNECT_TIMEOUT: 'no PostgreSQL answers there: check host and port in DATABASE_URL, and the firewall',
};

/** One sentence on why the database lets nobody in, with what to check; null where it is something else. */
export function whyRefused(error: unknown): string | null {
  for (let at = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    const { code } = at as { code?: unknown };
    const why = typeof code === 'string' ? WHY[code] : undefined;
    if (why !== undefined) return why;
  }
  return null;
}

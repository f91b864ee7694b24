/** Of hosters and other clients, for pools and drivers that are not ours. */
const OF_OTHER_CLIENTS = new Set([
  'channel_binding',
  'connect_timeout',
  'connection_limit',
  'pgbouncer',
  'pool_timeout',
  'schema',
  'socket_timeout',
  'uselibpqcompat',
]);
/** What our client reads itself, and what it may tell the server. */
const UNDERSTOOD = new Set([
  'application_name',
  'idle_in_transaction_session_timeout',
  'lock_timeout',
  'options',
  'plan_cache_mode',
  'search_path',
  'sslmode',
  'sslrootcert',
  'statement_timeout',
  'target_session_attrs',
]);

export interface DatabaseUrl {
  /** As the client may have it: what it does not know it would send to the server, which then refuses to talk. */
  url: string;
  /** Named prepared statements are of no use: between us and the server is a pool that shares its connections. */
  throughPool: boolean;
  /** Each names a parameter and what to do. */
  faults: readonly string[];
}

/** A connection URL as hosters write it. */
export function readDatabaseUrl(given: string): DatabaseUrl {
  // Not by `new URL`: a password may hold what that refuses, and hosts may be several.
  const [address = '', query = ''] = given.split(/\?(.*)/s);
  const parameters = new URLSearchParams(query);
  const faults: string[] = [];
  for (const [name, value] of parameters) {
    if (name === 'sslrootcert' && value !== 'system')
      faults.push(`DATABASE_URL: name the file of sslrootcert in NODE_EXTRA_CA_CERTS, and take it out of the URL`);
    else if (!OF_OTHER_CLIENTS.has(name) && !UNDERSTOOD.has(name))
      faults.push(
        `DATABASE_URL: take out the parameter ${name}; for a setting of the server, write options=-c name=value`,
      );
  }
  const throughPool = parameters.get('pgbouncer') === 'true';
  for (const name of OF_OTHER_CLIENTS) parameters.delete(name);
  return { url: parameters.size > 0 ? `${address}?${parameters}` : address, throughPool, faults };
}

/** The address at which this machine itself reaches who listens on `host`: that one, or the loopback of "all of them". */
export function ownHost(host = ''): string {
  if (host === '' || host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}

/** `http://host:port` of who listens on `host`, as this machine itself asks it. */
export function ownUrl(host: string | undefined, port: number): string {
  const own = ownHost(host);
  return `http://${own.includes(':') ? `[${own}]` : own}:${port}`;
}

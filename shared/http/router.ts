/** What the router needs to know of an endpoint. `path` has `:name` segments: `/v1/drivers/:id`. */
export type Route = { readonly method: string; readonly path: string };

export type Match<R extends Route> =
  | { readonly kind: 'found'; readonly route: R; readonly params: Readonly<Record<string, string>> }
  | { readonly kind: 'wrong_method'; readonly allow: string }
  | { readonly kind: 'unknown' };

type Compiled<R extends Route> = { readonly segments: readonly string[]; readonly byMethod: Map<string, R> };

/**
 * Matches method and path. A fixed segment wins over a parameter (`/drivers/nearest` over `/drivers/:id`); a GET also
 * answers HEAD; a path that cannot be percent-decoded, or with an empty segment, is unknown; but a slash at
 * its end says nothing.
 *
 * @throws Error at start when two routes are the same
 */
export function openRouter<R extends Route>(routes: readonly R[]): (method: string, path: string) => Match<R> {
  const byShape = new Map<string, Compiled<R>>();
  for (const route of routes) {
    const segments = route.path.split('/').slice(1);
    const shape = segments.map((segment) => (segment.startsWith(':') ? ':' : segment)).join('/');
    const compiled = byShape.get(shape) ?? { segments, byMethod: new Map<string, R>() };
    if (compiled.byMethod.has(route.method)) throw new Error(`Two endpoints for ${route.method} ${route.path}`);
    compiled.byMethod.set(route.method, route);
    byShape.set(shape, compiled);
  }
  const bySpecificity = [...byShape.entries()].sort(([a], [b]) => (rank(a) < rank(b) ? -1 : 1));
  const byLength = new Map<number, Compiled<R>[]>();
  for (const [, compiled] of bySpecificity) {
    const { length } = compiled.segments;
    byLength.set(length, [...(byLength.get(length) ?? []), compiled]);
  }

  return (method, path) => {
    const given = decode(path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path);
    const compiled = given && byLength.get(given.length)?.find(({ segments }) => fits(segments, given));
    return compiled ? answer(compiled, method, given) : { kind: 'unknown' };
  };
}

/** Sorts `a/b` before `a/:`: U+FFFF comes after every character a path may have. */
function rank(shape: string): string {
  return shape.replaceAll(':', '\uffff');
}

function answer<R extends Route>(compiled: Compiled<R>, method: string, given: readonly string[]): Match<R> {
  const { byMethod } = compiled;
  const route = byMethod.get(method) ?? (method === 'HEAD' ? byMethod.get('GET') : undefined);
  if (route) return { kind: 'found', route, params: paramsOf(route.path.split('/').slice(1), given) };
  const methods = [...byMethod.keys()].flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name]));
  return { kind: 'wrong_method', allow: methods.sort().join(', ') };
}

function paramsOf(segments: readonly string[], given: readonly string[]): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    if (segment.startsWith(':')) params[segment.slice(1)] = given[index] ?? '';
  }
  return params;
}

function fits(segments: readonly string[], given: readonly string[]): boolean {
  return segments.every((segment, index) => (segment.startsWith(':') ? given[index] !== '' : segment === given[index]));
}

function decode(path: string): string[] | null {
  if (!path.startsWith('/')) return null;
  if (!path.includes('%')) return path.slice(1).split('/');
  try {
    const segments = path.slice(1).split('/').map(decodeURIComponent);
    return segments.some((segment) => segment.includes('\0')) ? null : segments;
  } catch {
    return null;
  }
}

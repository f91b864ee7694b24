import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

export const TABS = ['deliveries', 'drivers', 'today', 'webhooks', 'keys'] as const;
export type Tab = (typeof TABS)[number];
export interface Route {
  tab: Tab;
  id: string | null;
}

function read(): Route {
  const [, tab, id] = /^#\/(\w+)(?:\/([\w-]+))?$/.exec(location.hash) ?? [];
  return TABS.includes(tab as Tab) ? { tab: tab as Tab, id: id ?? null } : { tab: 'deliveries', id: null };
}

const hashOf = ({ tab, id }: Route) => `#/${tab}${id === null ? '' : `/${id}`}`;

export function go(tab: Tab, id: string | null = null): void {
  location.hash = hashOf({ tab, id });
}

/** Where the reader is, in the address bar: back and reload work as everywhere. */
export function useRoute(): Route {
  const [route, setRoute] = useState(read);
  useEffect(() => {
    const changed = () => setRoute(read());
    addEventListener('hashchange', changed);
    return () => removeEventListener('hashchange', changed);
  }, []);
  return route;
}

/**
 * Whoever comes back to a list goes on where they left it: the link that took them away has the focus, or the list where
 * that is not in it any more. Not whoever came by a link that is still there, and has it.
 */
export function useWayBack({ tab, id }: Route): void {
  const before = useRef<Route>({ tab, id });
  useLayoutEffect(() => {
    const last = before.current;
    before.current = { tab, id };
    if (id !== null || last.id === null || last.tab !== tab || document.activeElement !== document.body) return;
    const link = document.querySelector<HTMLElement>(`#panel a[href="${hashOf(last)}"]`);
    (link ?? document.getElementById('panel'))?.focus();
  }, [tab, id]);
}

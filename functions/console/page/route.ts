import { useEffect, useState } from 'preact/hooks';

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

export function go(tab: Tab, id: string | null = null): void {
  location.hash = `#/${tab}${id === null ? '' : `/${id}`}`;
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

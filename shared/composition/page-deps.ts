import type { MapSettings } from '../http/page.ts';
import type { ObjectStore } from '../objects/object-store.ts';
import { openObjects } from '../objects/open-objects.ts';
import type { Config } from '../runtime/config.ts';
import { openDeps, type ServiceDeps } from './deps.ts';

/** What the functions with a page need besides. */
export interface PageDeps extends ServiceDeps {
  map: MapSettings | null;
  publicUrl: string | null;
}

/** What the function of the photographs needs besides. */
export interface PhotoDeps extends ServiceDeps {
  publicUrl: string | null;
  objects: ObjectStore;
}

export function openPageDeps(config: Config, service: ServiceDeps = openDeps(config)): PageDeps & PhotoDeps {
  return {
    ...service,
    map: config.map,
    publicUrl: config.http.publicUrl,
    objects: openObjects(config.proofs),
  };
}

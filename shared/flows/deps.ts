import type { ShopRow } from '../db/schema.ts';
import type { Contact, SavedContact } from '../db/statements/locations.ts';
import type { EngineDeps } from '../dispatch/deps.ts';
import type { Dispatch } from '../dispatch/dispatch.ts';
import type { Caller } from '../domain/command.ts';
import type { SecretBox } from '../secrets/secret-box.ts';

/** What the flows work with. */
export interface FlowDeps extends EngineDeps {
  shops: ShopBook;
  /** Opens and closes shops' secrets, which are stored sealed. */
  secretBox: SecretBox;
  /** Who gets what is decided behind this door. */
  dispatch: Dispatch;
  /** Absent where a process may end with its request: contacts are then written within it. */
  contacts?: ContactWriter;
}

/** Shops by id or slug, remembered for a few seconds: settings a request needs but never changes. */
export interface ShopBook {
  byId(id: string): Promise<ShopRow | null>;
  bySlug(slug: string): Promise<ShopRow | null>;
  /** Forget what is remembered of this shop: it was changed here. */
  forget(shop: { id: string; slug: string }): void;
}

/**
 * Writes contacts of many requests by few statements: one at a time for each shop, with all that came while the one
 * before it ran. For processes that live on after a request; a Lambda writes within each.
 */
export interface ContactWriter {
  /** Resolves once these are in Postgres. @throws DependencyAway as `saveContacts` does */
  write(shopId: string, contacts: readonly Contact[]): Promise<readonly SavedContact[]>;
  /**
   * False while statements fail, for all but one asker in two seconds: who can do without Postgres need not wait for it
   * to fail again.
   */
  isWorthTrying(): boolean;
}

/** The relay, and every follow-up that nobody asked for. */
export function relayCaller(): Caller {
  return { actor: 'relay', idempotency: null, degraded: new Set() };
}

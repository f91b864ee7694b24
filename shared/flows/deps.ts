import type { ShopRow } from '../db/schema.ts';
import type { EngineDeps } from '../dispatch/deps.ts';
import type { Dispatch } from '../dispatch/dispatch.ts';
import type { Caller } from '../domain/command.ts';
import type { SecretBox } from '../secrets/secret-box.ts';
import type { ContactWriter } from './contact-writer.ts';

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

/** The relay, and every follow-up that nobody asked for. */
export function relayCaller(): Caller {
  return { actor: 'relay', idempotency: null, degraded: new Set() };
}

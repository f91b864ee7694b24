/** Where things too large for a table are kept. */
export interface ObjectStore {
  /** Replaces what was there. `key` has segments of `A-Za-z0-9._-` between slashes. */
  put(key: string, bytes: Uint8Array): Promise<void>;
  get(key: string): Promise<Uint8Array | null>;
  /**
   * Leaves nothing of it. That it was not there is as good.
   * @throws DependencyAway when that cannot be known
   */
  remove(key: string): Promise<void>;
}

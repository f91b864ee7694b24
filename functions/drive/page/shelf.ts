import { type DBSchema, type IDBPDatabase, openDB } from 'idb';
import type { DriverView } from '#shared/contract/drivers.ts';
import type { RouteView } from '#shared/contract/routes.ts';
import type { KnownDelivery } from './changes.ts';
import { keepOpen, type OnConnection } from './keep-open.ts';
import type { Refused, Step } from './steps.ts';

/** What this phone keeps, for the page and for its worker alike: in IndexedDB, which both can read. */
interface Shelves extends DBSchema {
  /** Steps that have not arrived, of every driver of this phone. */
  steps: { key: string; value: Step; indexes: { driver: string } };
  /** The photograph of a step, by the step's id: read only when it is sent. */
  photos: { key: string; value: Blob };
  /** What the service did not take, until the driver has read why. */
  refused: { key: string; value: Refused; indexes: { driver: string } };
  /** By driver, what was seen last: shown again where there is no connection. */
  seen: { key: string; value: LastSeen };
  /** One record: whose phone this is. */
  identity: { key: 'this'; value: { token: string; deviceId: string | null } };
  settings: { key: 'these'; value: unknown };
}

export interface LastSeen {
  driver: DriverView;
  route: RouteView;
  details: readonly KnownDelivery[];
}

export type OnShelf = OnConnection<IDBPDatabase<Shelves>>;

/** Reads or writes, in a page or a worker. @throws DOMException where this browser keeps nothing, or has no room */
export const onShelf: OnShelf = keepOpen((onGone) =>
  openDB<Shelves>('drive', 1, {
    upgrade(database) {
      database.createObjectStore('steps', { keyPath: 'id' }).createIndex('driver', 'driverId');
      database.createObjectStore('photos');
      database.createObjectStore('refused', { keyPath: 'deliveryId' }).createIndex('driver', 'driverId');
      database.createObjectStore('seen');
      database.createObjectStore('identity');
      database.createObjectStore('settings');
    },
    terminated: onGone,
  }),
);

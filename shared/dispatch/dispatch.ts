import type { DeliveryRow, ShopRow } from '../db/schema.ts';
import type { AssignResult } from '../db/statements/assign-delivery.ts';
import type { CreateResult } from '../db/statements/create-delivery.ts';
import type { Caller, CommandResult } from '../domain/command.ts';
import type { OrderDetails } from './small-plan.ts';

/** The engine's door: who gets what is decided behind it, and nowhere else. */
export interface Dispatch {
  /**
   * Something has changed that a plan may care about: a driver is free, an order waits, a stop was made. The mark is in
   * the data already; this makes it be looked at now. Resolves when it is noted, or, in a process that may stand still
   * after its answer, when it is planned.
   * @param always also where nothing waits: routes are planned anew
   */
  mark(shopId: string, always?: boolean): Promise<void>;
  /** Plans a shop and waits for it; what fails is reported, not thrown. @param always as for `mark` */
  plan(shopId: string, always?: boolean): Promise<void>;
  /** Plans anew what all drivers of a shop have in hand, however many they are; what fails is reported, not thrown. */
  planRoutes(shopId: string): Promise<void>;
  /** Stores a new order and assigns it where that can be decided at once. */
  create(caller: Caller, shop: ShopRow, details: OrderDetails): Promise<CommandResult<CreateResult>>;
  /** Gives a waiting delivery to whoever is best now, without holding it; `lost`: nobody can be had. */
  assignBest(caller: Caller, shop: ShopRow, deliveryId: string): Promise<CommandResult<BestResult>>;
  /** Waits for the plans under way. */
  close(): Promise<void>;
}

export type BestResult =
  | Extract<AssignResult, { outcome: 'assigned' | 'unchanged' | 'not_pending' }>
  | { outcome: 'lost'; delivery: DeliveryRow }
  | { outcome: 'not_found' };

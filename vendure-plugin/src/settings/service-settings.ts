import { Inject, Injectable } from '@nestjs/common';
import { UserInputError } from '@vendure/core';
import { DRIVER_DISPATCH_OPTIONS } from '../constants';
import { problem } from '../deliveries/health-problems';
import { type Answer, DispatchClient } from '../dispatch/dispatch-client';
import { otherShop } from '../dispatch/key-shop';
import type { Operations, Shop } from '../dispatch/service/types';
import type { ResolvedOptions } from '../options';

type Change = Operations['changeShop']['body']['dispatch'];

export interface ServiceSettings {
  /** Null: the service could not be asked. */
  dispatch: Shop['dispatch'] | null;
  /** Whether the shop's key may change them. */
  changeable: boolean;
  /** Why they are not there, or cannot be changed. */
  problem: string | null;
}

const NEEDS_ADMIN =
  'The settings of the dispatch service can be seen and not changed: apiKey lacks the scope `admin`. Make a key that has it (POST /v1/shops/:id/keys), and give it to the plugin.';

/** How the service dispatches for this shop: kept there, since it is the one that follows it. */
@Injectable()
export class ServiceSettingsDesk {
  constructor(
    private readonly client: DispatchClient,
    @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  /** Answers also where the service is away, or the key is wrong or another shop's. */
  async read(): Promise<ServiceSettings> {
    const nothing = (problem: string) => ({ dispatch: null, changeable: false, problem });
    const own = await this.own();
    if (typeof own === 'string') return nothing(own);
    const shop = await this.client.shop(own.id);
    if (shop.body === null) return nothing(refusal(shop));
    const changeable = own.scopes.includes('admin');
    return { dispatch: shop.body.dispatch, changeable, problem: changeable ? null : NEEDS_ADMIN };
  }

  /**
   * What is named is changed, the rest stays.
   * @throws UserInputError in the service's words, or since the key is another shop's
   */
  async change(change: Change): Promise<void> {
    const own = await this.own();
    if (typeof own === 'string') throw new UserInputError(own);
    const answer = await this.client.changeShop(own.id, change);
    if (answer.body === null) throw new UserInputError(answer.status === 403 ? NEEDS_ADMIN : refusal(answer));
  }

  /** This shop at the service, and what the key may do there; a text: why there is none. */
  private async own(): Promise<{ id: string; scopes: readonly string[] } | string> {
    const me = await this.client.me();
    if (me.body === null) return refusal(me);
    const { shop, scopes } = me.body;
    if (shop === null) return 'apiKey is no key of a shop';
    const other = otherShop(shop, this.options.shop);
    return other === null ? { id: shop.id, scopes } : problem('key_shop', other).text;
  }
}

function refusal({ status, detail }: Answer): string {
  if (status === 401) return 'The dispatch service does not know apiKey: is it its DEFAULT_SHOP_KEY?';
  return status === 0
    ? `The dispatch service does not answer (${detail})`
    : `The dispatch service says: ${detail ?? `status ${status}`}`;
}

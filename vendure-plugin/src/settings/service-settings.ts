import { Injectable } from '@nestjs/common';
import { UserInputError } from '@vendure/core';
import { type Answer, DispatchClient } from '../dispatch/dispatch-client';
import type { Operations, Shop } from '../dispatch/service/types';

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
  constructor(private readonly client: DispatchClient) {}

  /** Answers also where the service is away or the key is wrong. */
  async read(): Promise<ServiceSettings> {
    const nothing = (problem: string) => ({ dispatch: null, changeable: false, problem });
    const me = await this.client.me();
    if (me.body === null) return nothing(refusal(me));
    if (me.body.shop === null) return nothing('apiKey is no key of a shop');
    const shop = await this.client.shop(me.body.shop.id);
    if (shop.body === null) return nothing(refusal(shop));
    const changeable = me.body.scopes.includes('admin');
    return { dispatch: shop.body.dispatch, changeable, problem: changeable ? null : NEEDS_ADMIN };
  }

  /**
   * What is named is changed, the rest stays.
   * @throws UserInputError in the service's words
   */
  async change(change: Change): Promise<void> {
    const me = await this.client.me();
    const shopId = me.body?.shop?.id;
    if (shopId === undefined) throw new UserInputError(refusal(me));
    const answer = await this.client.changeShop(shopId, change);
    if (answer.body === null) throw new UserInputError(answer.status === 403 ? NEEDS_ADMIN : refusal(answer));
  }
}

function refusal({ status, detail }: Answer): string {
  if (status === 401) return 'The dispatch service does not know apiKey: is it its DEFAULT_SHOP_KEY?';
  return status === 0
    ? `The dispatch service does not answer (${detail})`
    : `The dispatch service says: ${detail ?? `status ${status}`}`;
}

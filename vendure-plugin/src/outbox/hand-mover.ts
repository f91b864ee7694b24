import { Injectable } from '@nestjs/common';
import { type Answer, type Delivery, DispatchClient } from '../dispatch/dispatch-client';
import type { MovedByHand } from './outbox';

const NOTE = 'By hand in the shop';

/** Tells the service what an administrator did without the driver's page. Safe to repeat: it looks where the delivery is. */
@Injectable()
export class HandMover {
  constructor(private readonly client: DispatchClient) {}

  async move(sellerOrderId: string, to: MovedByHand): Promise<Answer<{ deliveryId?: string }>> {
    const found = await this.client.deliveriesOf(sellerOrderId);
    const delivery = found.body?.items[0];
    // Not there: nothing to be told. Away: it comes again.
    if (delivery === undefined) return { ...found, body: null };
    return { ...(await this.stepsTo(delivery, to)), body: null };
  }

  private async stepsTo({ id, status }: Pick<Delivery, 'id' | 'status'>, to: MovedByHand): Promise<Answer> {
    // Nobody has it, so nobody can have carried it: no driver is to be sent any more.
    if (status === 'PENDING') return this.client.cancel(id, NOTE);
    if (status === 'ASSIGNED') {
      const pickedUp = await this.client.move(id, 'PICKED_UP', NOTE);
      if (to === 'PICKED_UP' || pickedUp.status !== 200) return pickedUp;
    } else if (to === 'PICKED_UP') return { status: 200, body: null, problem: null, detail: null, retryAfterMs: null };
    return this.client.move(id, 'DELIVERED', NOTE);
  }
}

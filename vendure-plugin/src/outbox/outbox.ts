import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { EventBus, type ID, type RequestContext, TransactionalConnection, VendureEvent } from '@vendure/core';
import { MoreThan, type Repository } from 'typeorm';
import { DRIVER_DISPATCH_OPTIONS } from '../constants';
import type { DispatchMessage } from '../dispatch/messages';
import type { ResolvedOptions } from '../options';
import { OutgoingMessage } from './outgoing-message.entity';

/** Added to a call's time-out: what the shop itself does with the answer. */
const LEASE_MARGIN_MS = 15_000;

/** Whose delivery it is about. */
export interface About {
  orderId: ID;
  fulfillmentId: ID;
}
export type MovedByHand = 'PICKED_UP' | 'DELIVERED';

function texts({ orderId, fulfillmentId }: About): { orderId: string; fulfillmentId: string } {
  return { orderId: String(orderId), fulfillmentId: String(fulfillmentId) };
}

/** Something was written to the outbox: those who wait for its commit need not wait for the next look. */
export class OutboxFilledEvent extends VendureEvent {
  constructor(readonly ctx: RequestContext) {
    super();
  }
}

/**
 * What is to be said to the service, in a table of the shop's own database: a row is committed or rolled back with the
 * order that it is about, whatever job queue the shop has. Several processes may take from it at once.
 */
@Injectable()
export class Outbox {
  private readonly leaseMs: number;

  constructor(
    private readonly connection: TransactionalConnection,
    private readonly eventBus: EventBus,
    @Inject(DRIVER_DISPATCH_OPTIONS) options: ResolvedOptions,
  ) {
    this.leaseMs = options.timeoutMs + LEASE_MARGIN_MS;
  }

  /** Paid for, or changed and paid for: what the shop has to do itself, once this transaction is committed. */
  async addReady(ctx: RequestContext, orderId: ID): Promise<void> {
    await this.insert(ctx, { orderId: String(orderId), type: 'order.ready' });
  }

  /** An administrator has said that the goods are there. */
  async addMoved(ctx: RequestContext, about: About, sellerOrderId: string, status: MovedByHand): Promise<void> {
    await this.insert(ctx, { ...texts(about), type: 'delivery.moved', sellerOrderId, body: status });
  }

  /** The message as it is now. */
  async add(ctx: RequestContext, about: About, message: DispatchMessage): Promise<void> {
    const { type, sellerOrderId } = message;
    await this.insert(ctx, {
      ...texts(about),
      type,
      sellerOrderId,
      messageId: `msg_${randomUUID()}`,
      body: JSON.stringify(message),
    });
  }

  private async insert(ctx: RequestContext, row: Partial<OutgoingMessage>): Promise<void> {
    const message = new OutgoingMessage({ ...row, attempts: 0, dueAtMs: Date.now() });
    await this.connection.getRepository(ctx, OutgoingMessage).insert(message);
    await this.eventBus.publish(new OutboxFilledEvent(ctx));
  }

  /**
   * What is due and nobody has, oldest messages first, for the caller alone until its lease ends. Of each order only what was
   * written first: the rest waits for it.
   * @param which `ready`: only what needs no service
   */
  async claim(limit: number, which: 'ready' | 'all'): Promise<OutgoingMessage[]> {
    for (;;) {
      const due = await this.due(limit, which);
      const claimed: OutgoingMessage[] = [];
      for (const message of due) if (await this.lease(message)) claimed.push(await this.fold(message));
      // Where another process was faster with all of them there may be more behind: not to be left until the next look.
      if (claimed.length > 0 || due.length === 0) return claimed;
    }
  }

  private due(limit: number, which: 'ready' | 'all'): Promise<OutgoingMessage[]> {
    const due = this.rows
      .createQueryBuilder('m')
      .where('m.dueAtMs <= :nowMs', { nowMs: Date.now() })
      .andWhere((query) => {
        const earlier = query.subQuery().select('1').from(OutgoingMessage, 'e');
        return `NOT EXISTS ${earlier.where('e.orderId = m.orderId AND e.sequence < m.sequence').getQuery()}`;
      })
      // What only has to be said goes before what has to be made: an order that is fulfilled waits for nobody.
      .orderBy(`CASE WHEN m.type = 'order.ready' THEN 1 ELSE 0 END`)
      .addOrderBy('m.sequence')
      .limit(limit);
    if (which === 'ready') due.andWhere(`m.type = 'order.ready'`);
    return due.getMany();
  }

  /** A plain guarded UPDATE, since not every database that Vendure runs on has SKIP LOCKED. */
  private async lease(message: OutgoingMessage): Promise<boolean> {
    const { sequence, attempts } = message;
    const mine = { attempts: attempts + 1, dueAtMs: Date.now() + this.leaseMs };
    const { affected } = await this.rows.update({ sequence, attempts }, mine);
    Object.assign(message, mine);
    return affected === 1;
  }

  /**
   * What came later may have made a message needless: nobody shall drive for an order that was cancelled while the
   * service was away, nor to an address that was changed twice. Call only for a message that is leased.
   * @returns what is to be sent instead, or the message itself
   */
  private async fold(message: OutgoingMessage): Promise<OutgoingMessage> {
    const { orderId, sellerOrderId, sequence, type } = message;
    if (sellerOrderId === null) return message;
    const later = await this.rows.find({
      where: { orderId, sellerOrderId, sequence: MoreThan(sequence) },
      order: { sequence: 'DESC' },
    });
    const replacement =
      later.find((each) => each.type === 'delivery.cancelled') ??
      (type === 'delivery.updated' ? later.find((each) => each.type === 'delivery.updated') : undefined);
    // Leased before the ones in front of it go: until then it is nobody's turn.
    if (replacement === undefined || !(await this.lease(replacement))) return message;
    const needless = [message, ...later].filter((each) => each.sequence < replacement.sequence);
    await this.rows.delete(needless.map((each) => each.sequence));
    return replacement;
  }

  /** Done, or never to be done. */
  async settle({ sequence }: OutgoingMessage): Promise<void> {
    await this.rows.delete(sequence);
  }

  /** Once more, and not before `waitMs` from now. */
  async postpone({ sequence, attempts }: OutgoingMessage, waitMs: number): Promise<void> {
    await this.rows.update({ sequence, attempts }, { dueAtMs: Date.now() + waitMs });
  }

  private get rows(): Repository<OutgoingMessage> {
    return this.connection.rawConnection.getRepository(OutgoingMessage);
  }
}

import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { EventBus, type ID, type RequestContext, TransactionalConnection, VendureEvent } from '@vendure/core';
import { In, MoreThan, type Repository } from 'typeorm';
import { DRIVER_DISPATCH_OPTIONS } from '../constants';
import type { DispatchMessage, RequestMessage } from '../dispatch/messages';
import type { ResolvedOptions } from '../options';
import { replacementOf } from './fold';
import { OutgoingMessage } from './outgoing-message.entity';

/** Added to a call's time-out: what the shop itself does with the answer. */
const LEASE_MARGIN_MS = 15_000;

/** Whose delivery it is about; null: its fulfillment was never made. */
export interface About {
  orderId: ID;
  fulfillmentId: ID | null;
}
/** What the service was asked, or is being asked, before the fulfillment is made. */
export interface Announcement {
  messageId: string;
  message: RequestMessage;
  /** Null: it has not answered, or not well. */
  deliveryId: string | null;
}
export type MovedByHand = 'PICKED_UP' | 'DELIVERED';

/** Those that wait while the service is away. */
const TO_THE_SERVICE: readonly OutgoingMessage['type'][] = [
  'delivery.requested',
  'delivery.updated',
  'delivery.cancelled',
  'delivery.moved',
];

function texts({ orderId, fulfillmentId }: About): { orderId: string; fulfillmentId: string | null } {
  return { orderId: String(orderId), fulfillmentId: fulfillmentId === null ? null : String(fulfillmentId) };
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

  /** The message as it is now. @param messageId of one that may have been sent already */
  async add(ctx: RequestContext, about: About, message: DispatchMessage, messageId = newId()): Promise<void> {
    const { type, sellerOrderId } = message;
    await this.insert(ctx, { ...texts(about), type, sellerOrderId, messageId, body: JSON.stringify(message) });
  }

  /** What the service has said, word for word: its turn comes when the fulfillment is there. */
  async addNews(ctx: RequestContext, orderId: string, sellerOrderId: string, body: string): Promise<void> {
    await this.insert(ctx, { orderId, sellerOrderId, type: 'delivery.news', body });
  }

  /**
   * Call before the service is asked: whoever finds the message later must know that it may have been.
   * @returns null: the lease has ended, and somebody else has it
   */
  async announce(
    ctx: RequestContext,
    { sequence, attempts }: OutgoingMessage,
    message: RequestMessage,
  ): Promise<Announcement | null> {
    const [messageId, deliveryId] = [newId(), null];
    const fixed = { sellerOrderId: message.sellerOrderId, messageId, body: JSON.stringify({ message, deliveryId }) };
    const rows = this.connection.getRepository(ctx, OutgoingMessage);
    const { affected } = await rows.update({ sequence, attempts }, fixed);
    return affected === 1 ? { messageId, message, deliveryId } : null;
  }

  /** The service was asked, or is not to be: the rest can be done without it. */
  async announced({ sequence, attempts }: OutgoingMessage, answered: Announcement | null): Promise<void> {
    const body = answered && JSON.stringify({ message: answered.message, deliveryId: answered.deliveryId });
    const next = { type: 'order.announced' as const, dueAtMs: Date.now(), ...(body !== null && { body }) };
    await this.rows.update({ sequence, attempts }, next);
  }

  /** What the service was told of this delivery, while its fulfillment was not there. */
  async announcement(ctx: RequestContext, sellerOrderId: string): Promise<Announcement | null> {
    const row = await this.newest(ctx, sellerOrderId, ['order.ready', 'order.announced']);
    return row === null ? null : announcementIn(row);
  }

  /** The order whose fulfillment is still to be made, or is to hear of earlier news first; null: take them now. */
  async waitsForNews(ctx: RequestContext, sellerOrderId: string): Promise<string | null> {
    const row = await this.newest(ctx, sellerOrderId, ['order.ready', 'order.announced', 'delivery.news']);
    return row?.orderId ?? null;
  }

  private async newest(
    ctx: RequestContext,
    sellerOrderId: string,
    types: OutgoingMessage['type'][],
  ): Promise<OutgoingMessage | null> {
    const rows = this.connection.getRepository(ctx, OutgoingMessage);
    const where = { sellerOrderId, type: In(types) };
    return (await rows.find({ where, order: { sequence: 'DESC' }, take: 1 }))[0] ?? null;
  }

  private async insert(ctx: RequestContext, row: Partial<OutgoingMessage>): Promise<void> {
    const message = new OutgoingMessage({ ...row, attempts: 0, dueAtMs: Date.now() });
    await this.connection.getRepository(ctx, OutgoingMessage).insert(message);
    await this.eventBus.publish(new OutboxFilledEvent(ctx));
  }

  /**
   * What is due and nobody has, oldest messages first, for the caller alone until its lease ends. Of each order only what was
   * written first: the rest waits for it.
   * @param away only what needs no service
   * @param making of the fulfillments that are to be made at most one, and none where this says that one is being made:
   *   each is some fifty statements, and what only has to be said shall find a place and a connection beside them
   */
  async claim(limit: number, { away, making }: { away: boolean; making: boolean }): Promise<OutgoingMessage[]> {
    for (;;) {
      const due = await this.due(limit, [...(away ? TO_THE_SERVICE : []), ...(making ? ['order.announced'] : [])]);
      const claimed: OutgoingMessage[] = [];
      for (const message of due) {
        if (message.type === 'order.announced' && claimed.some(({ type }) => type === message.type)) continue;
        if (await this.lease(message)) claimed.push(await this.fold(message));
      }
      // Where another process was faster with all of them there may be more behind: not to be left until the next look.
      if (claimed.length > 0 || due.length === 0) return claimed;
    }
  }

  private due(limit: number, without: string[]): Promise<OutgoingMessage[]> {
    const due = this.rows
      .createQueryBuilder('m')
      .where('m.dueAtMs <= :nowMs', { nowMs: Date.now() })
      .andWhere((query) => {
        const earlier = query.subQuery().select('1').from(OutgoingMessage, 'e');
        return `NOT EXISTS ${earlier.where('e.orderId = m.orderId AND e.sequence < m.sequence').getQuery()}`;
      })
      // What only has to be said goes before what has to be made: no driver waits for it.
      .orderBy(`CASE WHEN m.type = 'order.announced' THEN 1 ELSE 0 END`)
      .addOrderBy('m.sequence')
      .limit(limit);
    if (without.length > 0) due.andWhere('m.type NOT IN (:...without)', { without });
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
   * What came later may have made a message needless. Call only for a message that is leased.
   * @returns what is to be sent instead, or the message itself
   */
  private async fold(message: OutgoingMessage): Promise<OutgoingMessage> {
    const { orderId, sellerOrderId, sequence, type } = message;
    if (sellerOrderId === null || !TO_THE_SERVICE.includes(type)) return message;
    const later = await this.rows.find({
      where: { orderId, sellerOrderId, sequence: MoreThan(sequence), type: In(TO_THE_SERVICE) },
      order: { sequence: 'ASC' },
    });
    const replacement = replacementOf(message, later);
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

function newId(): string {
  return `msg_${randomUUID()}`;
}

/** Null: the service was not asked yet. */
export function announcementIn({ messageId, body }: OutgoingMessage): Announcement | null {
  if (messageId === null || body === null) return null;
  return { messageId, ...(JSON.parse(body) as Omit<Announcement, 'messageId'>) };
}

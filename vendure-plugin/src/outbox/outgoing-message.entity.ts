import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';
import type { DispatchMessage } from '../dispatch/messages';

/** Its id as text, since ids are numbers in one shop and UUIDs in another. */
const shopId = { type: 'varchar', length: 64 } as const;
/** Node's clock as a number: a `timestamp` would be read differently by two processes in different time zones. */
const milliseconds = { type: 'bigint', transformer: { to: (ms: number) => ms, from: Number } } as const;

/** Something the shop has still to do or to say about an order. Written with what makes it necessary, gone when it is done. */
@Entity('driver_dispatch_outbox')
export class OutgoingMessage {
  constructor(input?: Partial<OutgoingMessage>) {
    Object.assign(this, input);
  }

  /** What was written first of an order is done first. */
  @PrimaryGeneratedColumn()
  sequence: number;

  @Index()
  @Column(shopId)
  orderId: string;

  /**
   * `order.ready`: the service is asked for a delivery, so that it knows of it as soon as can be. `order.announced`: the
   * shop makes the fulfillment, and follows what the driver did while it could not. `delivery.news`: what the service has
   * said of a delivery before its fulfillment was there. `delivery.moved`: a step that an administrator did by hand. The
   * others are messages to the service, as they stand in `body`.
   */
  @Column({ type: 'varchar', length: 32 })
  type: 'order.ready' | 'order.announced' | 'delivery.news' | 'delivery.moved' | DispatchMessage['type'];

  @Column({ ...shopId, nullable: true })
  fulfillmentId: string | null;

  /** What the service knows the delivery as. */
  @Column({ type: 'varchar', length: 255, nullable: true })
  sellerOrderId: string | null;

  /** Stays over retries, so that the service does it once. */
  @Column({ type: 'varchar', length: 64, nullable: true })
  messageId: string | null;

  /** Frozen when it happened; only its signature is made anew for each attempt. */
  @Column({ type: 'text', nullable: true })
  body: string | null;

  /** How often it was claimed. Who raises it first has the message. */
  @Column({ type: 'int', default: 0 })
  attempts: number;

  /** Not before. While somebody works on it, until when nobody else may: should they die, it is free again then. */
  @Index()
  @Column(milliseconds)
  dueAtMs: number;
}

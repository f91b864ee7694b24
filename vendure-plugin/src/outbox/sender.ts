import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { EventBus, Logger, TransactionalConnection } from '@vendure/core';
import { DRIVER_DISPATCH_OPTIONS, loggerCtx } from '../constants';
import { FulfillmentFollower } from '../deliveries/follower';
import { NewsIntake } from '../deliveries/intake';
import { parseServiceEvent } from '../deliveries/news';
import { type Answer, DispatchClient } from '../dispatch/dispatch-client';
import type { DispatchMessage } from '../dispatch/messages';
import type { ResolvedOptions } from '../options';
import { Announcer } from '../orders/announcer';
import { DriverFulfillments } from '../orders/fulfillments';
import { concernsAll, describe, isFinal, noteOn } from './answers';
import { Bell } from './bell';
import { HandMover } from './hand-mover';
import { Outbox, OutboxFilledEvent } from './outbox';
import type { OutgoingMessage } from './outgoing-message.entity';
import { backOffMs, LONGEST_MS, Pause } from './pause';

/** What is learnt of a delivery when the service has taken a message. */
type Said = { deliveryId?: string | null; status?: string };

/** How often each process looks for what another one has written, or left when it died. */
const LOOK_EVERY_MS = 250;
/** How often it is tried to bring an order to where its deliveries are before it is left to the reconciliation. */
const FOLLOW_TRIES = 5;

/**
 * Empties the outbox, in every process of the shop, server and worker alike. What this process writes leaves at once
 * when it is committed; the rest within a quarter of a second.
 */
@Injectable()
export class OutboxSender implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly bell = new Bell();
  private readonly pause = new Pause();
  private readonly underWay = new Set<Promise<void>>();
  /** A fulfillment is being made. */
  private making = false;
  private ending = false;
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly outbox: Outbox,
    private readonly client: DispatchClient,
    private readonly fulfillments: DriverFulfillments,
    private readonly announcer: Announcer,
    private readonly follower: FulfillmentFollower,
    private readonly intake: NewsIntake,
    private readonly hand: HandMover,
    private readonly connection: TransactionalConnection,
    private readonly eventBus: EventBus,
    @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions,
  ) {}

  onApplicationBootstrap(): void {
    // Subscribers hear of an event after the commit of its transaction: then the row is there to be seen.
    this.eventBus.ofType(OutboxFilledEvent).subscribe(() => this.bell.ring());
    this.running = this.run();
  }

  async onModuleDestroy(): Promise<void> {
    this.ending = true;
    this.bell.ring();
    await this.running;
    await Promise.all(this.underWay);
  }

  private async run(): Promise<void> {
    let failures = 0;
    while (!this.ending) {
      try {
        await this.take();
        failures = 0;
      } catch (error) {
        // The database is away, or the shop has not run its migration yet.
        if (failures === 0) Logger.error(`The outbox cannot be read: ${messageOf(error)}`, loggerCtx);
        failures += 1;
      }
      await this.bell.heard(failures === 0 ? LOOK_EVERY_MS : backOffMs(failures));
    }
  }

  private async take(): Promise<void> {
    const room = this.options.concurrency - this.underWay.size;
    if (room <= 0) return;
    const away = this.pause.remainingMs() > 0;
    for (const message of await this.outbox.claim(room, { away, making: this.making })) {
      const makes = message.type === 'order.announced';
      this.making ||= makes;
      const done = this.handle(message).finally(() => {
        this.underWay.delete(done);
        if (makes) this.making = false;
        this.bell.ring();
      });
      this.underWay.add(done);
    }
  }

  private async handle(message: OutgoingMessage): Promise<void> {
    try {
      if (await this.isDone(message)) await this.outbox.settle(message);
    } catch (error) {
      const about = message.sellerOrderId ?? `order ${message.orderId}`;
      Logger.error(`${message.type} of ${about} comes again: ${messageOf(error)}`, loggerCtx);
      // Should this fail too, it is free again when its lease ends.
      await this.outbox.postpone(message, backOffMs(message.attempts)).catch(() => {});
    }
  }

  private async isDone(message: OutgoingMessage): Promise<boolean> {
    switch (message.type) {
      case 'order.ready':
        return this.announce(message);
      case 'order.announced':
        return this.fulfil(message);
      case 'delivery.news':
        return this.takeNews(message);
      default:
        return this.send(message);
    }
  }

  /** While the service is away the fulfillment is made, and its message waits. @returns false: it has to be made in any case */
  private async announce(row: OutgoingMessage): Promise<false> {
    const asked = this.pause.remainingMs() > 0 ? null : await this.announcer.announce(row);
    const answer = asked && (await this.client.postMessage(asked.messageId, asked.message));
    const deliveryId = answer?.body?.deliveryId ?? null;
    if (answer && concernsAll(answer, asked.message.type)) this.pause.failed(answer.retryAfterMs);
    else if (deliveryId !== null) this.pause.succeeded();
    await this.outbox.announced(row, deliveryId === null ? null : asked && { ...asked, deliveryId });
    return false;
  }

  private async fulfil(row: OutgoingMessage): Promise<boolean> {
    const done = await this.announcer.fulfil(row);
    await this.orLeave(row, () => this.follower.followAll(row.orderId));
    if (!done) await this.outbox.postpone(row, backOffMs(row.attempts));
    return done;
  }

  /** Those that the shop does not allow are not kept for ever: the reconciliation looks where the delivery is. */
  private async takeNews(row: OutgoingMessage): Promise<true> {
    const parsed = parseServiceEvent(Buffer.from(row.body ?? ''));
    const event = parsed.ok ? parsed.event : null;
    if (event !== null) await this.orLeave(row, () => this.intake.take(event));
    return true;
  }

  /** What fails each time is left to the reconciliation: the order's other messages wait behind this one. */
  private async orLeave({ orderId, attempts }: OutgoingMessage, follow: () => Promise<unknown>): Promise<void> {
    try {
      await follow();
    } catch (error) {
      if (attempts < FOLLOW_TRIES) throw error;
      Logger.error(`Order ${orderId} cannot follow its deliveries: ${messageOf(error)}`, loggerCtx);
    }
  }

  /** One attempt. @returns whether it is done; if not, it comes again */
  private async send(message: OutgoingMessage): Promise<boolean> {
    const { type, sellerOrderId, attempts } = message;
    const answer = await this.say(message);
    if (answer.status >= 200 && answer.status < 300) {
      this.pause.succeeded();
      await this.remember(message, { deliveryError: null, deliveryId: answer.body?.deliveryId });
      if (type === 'delivery.updated') await this.note(message, `The change has reached delivery ${sellerOrderId}.`);
      return true;
    }
    const said = describe(answer, type);
    if (isFinal(answer)) {
      this.pause.succeeded();
      Logger.error(`${type} of ${sellerOrderId} was refused: ${said}`, loggerCtx);
      await this.refused(message, answer);
      return true;
    }
    if (concernsAll(answer, type)) this.pause.failed(answer.retryAfterMs);
    await this.outbox.postpone(message, Math.min(LONGEST_MS, this.pause.remainingMs() || backOffMs(attempts)));
    if (attempts <= 1) {
      Logger.warn(`${type} of ${sellerOrderId} comes again: ${said}`, loggerCtx);
      // An owner can mend these; nobody would look for them in a log.
      if (answer.status >= 400 && answer.status < 500) await this.remember(message, { deliveryError: said });
    }
    return false;
  }

  private async say({ type, messageId, body, sellerOrderId }: OutgoingMessage): Promise<Answer<Said>> {
    if (type === 'delivery.moved')
      return this.hand.move(sellerOrderId ?? '', body === 'DELIVERED' ? body : 'PICKED_UP');
    return this.client.postMessage(messageId ?? '', JSON.parse(body ?? '') as DispatchMessage);
  }

  /** Outside of any request: by its own statement, and only what is still to be known. */
  private async remember(
    { fulfillmentId }: OutgoingMessage,
    fields: { deliveryError: string | null; deliveryId?: string | null },
  ): Promise<void> {
    if (fulfillmentId === null) return;
    const ctx = await this.fulfillments.contextFor();
    await this.connection.withTransaction(ctx, async (tx) => {
      await this.fulfillments.lock(tx, fulfillmentId);
      const fulfillment = await this.fulfillments.find(tx, { id: fulfillmentId });
      if (fulfillment === null) return;
      const { deliveryId, deliveryError, deliveryStatus } = fulfillment.customFields;
      const learnt = {
        ...(deliveryError !== fields.deliveryError && { deliveryError: fields.deliveryError }),
        ...(fields.deliveryId && deliveryId === null && { deliveryId: fields.deliveryId }),
        ...(deliveryStatus === null && fields.deliveryId && { deliveryStatus: 'PENDING' }),
      };
      if (Object.keys(learnt).length > 0) await this.fulfillments.save(tx, fulfillment, learnt);
    });
  }

  private async refused(message: OutgoingMessage, answer: Answer): Promise<void> {
    await this.note(message, noteOn(message, answer));
    if (message.type === 'delivery.updated') await this.forgetSent(message);
    if (answer.status !== 409) await this.remember(message, { deliveryError: describe(answer, message.type) });
  }

  /** For administrators. */
  private async note({ orderId }: OutgoingMessage, text: string): Promise<void> {
    await this.fulfillments.note(await this.fulfillments.contextFor(), orderId, text, false);
  }

  /** The service has not got it: the next edit, attempt or reassignment sends what is newest then. */
  private async forgetSent({ fulfillmentId }: OutgoingMessage): Promise<void> {
    if (fulfillmentId === null) return;
    const ctx = await this.fulfillments.contextFor();
    await this.connection.withTransaction(ctx, async (tx) => {
      await this.fulfillments.lock(tx, fulfillmentId);
      const fulfillment = await this.fulfillments.find(tx, { id: fulfillmentId });
      if (fulfillment !== null) await this.fulfillments.save(tx, fulfillment, { dropoffHash: null });
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown';
}

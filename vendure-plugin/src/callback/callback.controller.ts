import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { Logger, type RequestContext, TransactionalConnection } from '@vendure/core';
import { CALLBACK_PATH, DRIVER_DISPATCH_OPTIONS, loggerCtx } from '../constants';
import { NewsIntake } from '../deliveries/intake';
import { parseServiceEvent, type ServiceEvent } from '../deliveries/news';
import { verifySigned } from '../dispatch/signing';
import type { ResolvedOptions } from '../options';
import { DriverFulfillments } from '../orders/fulfillments';
import { Outbox } from '../outbox/outbox';
import { ReceivedEvent } from './received-event.entity';

/** What we need of Express's request and response. */
interface Request {
  headers: IncomingHttpHeaders;
  rawBody?: Buffer;
}
interface Response {
  status(code: number): { json(body: unknown): void };
}
type Outcome = { status: number; body: { outcome: string } | { error: string } };
type Message = { id: string; body: string; event: ServiceEvent };

const NOT_HERE: Outcome = { status: 404, body: { error: 'There is no such order here' } };

/**
 * Where the service calls back. 2xx: dealt with, whether now or before. 401: not signed by the service, or too old.
 * 404: no such order (yet; where its fulfillment is just being made, the news are kept). 409: it contradicts what the shop has. The service repeats everything but 2xx.
 */
@Controller(CALLBACK_PATH)
export class CallbackController {
  @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions;

  constructor(
    private readonly connection: TransactionalConnection,
    private readonly fulfillments: DriverFulfillments,
    private readonly intake: NewsIntake,
    private readonly outbox: Outbox,
  ) {}

  @Post()
  @HttpCode(200)
  async receive(@Req() request: Request, @Res() response: Response): Promise<void> {
    const { status, body } = await this.answer(request.headers, request.rawBody ?? Buffer.alloc(0));
    response.status(status).json(body);
  }

  private async answer(headers: IncomingHttpHeaders, body: Buffer): Promise<Outcome> {
    const id = verifySigned({ headers, body, secrets: this.options.callbackSecrets, nowMs: Date.now() });
    if (id === null) return { status: 401, body: { error: 'The signature is missing, wrong or too old' } };
    const parsed = parseServiceEvent(body);
    if (!parsed.ok) return { status: 422, body: { error: parsed.fault } };
    if (parsed.event === null) return { status: 200, body: { outcome: 'ignored' } };
    const message = { id, body: body.toString(), event: parsed.event };
    try {
      return await this.deal(message);
    } catch (error) {
      // A copy of this message that ran at the same moment was first: the unique index stopped ours.
      const seen = await this.seenBefore(message);
      if (seen !== null) return seen;
      Logger.error(
        `${message.event.kind} of ${message.event.sellerOrderId} failed`,
        loggerCtx,
        error instanceof Error ? error.stack : '',
      );
      return { status: 500, body: { error: 'Something went wrong; repeat it later' } };
    }
  }

  private async deal(message: Message): Promise<Outcome> {
    const done = (await this.seenBefore(message)) ?? (await this.keep(message)) ?? (await this.take(message));
    return done ?? (await this.calledOff(message)) ?? NOT_HERE;
  }

  private async take(message: Message): Promise<Outcome | null> {
    const outcome = await this.intake.take(message.event, (ctx) => this.markReceived(ctx, message));
    if (outcome === 'conflict') return conflict('The order belongs to another delivery');
    if (outcome === 'refused') return conflict('The shop does not allow this step at present');
    return outcome && { status: 200, body: { outcome } };
  }

  /** The service is faster than the shop's own fulfillment: its news wait for that in the outbox, in their order. */
  private async keep(message: Message): Promise<Outcome | null> {
    const { sellerOrderId } = message.event;
    const outside = await this.fulfillments.contextFor();
    const orderId = await this.outbox.waitsForNews(outside, sellerOrderId);
    if (orderId === null) return null;
    return this.connection.withTransaction(outside, async (ctx) => {
      await this.markReceived(ctx, message);
      await this.outbox.addNews(ctx, orderId, sellerOrderId, message.body);
      return { status: 200, body: { outcome: 'kept' } };
    });
  }

  /** Of an order that was cancelled before its fulfillment was made: there is nothing that could follow the delivery. */
  private async calledOff({ event }: Message): Promise<Outcome | null> {
    const code = event.sellerOrderId.replace(/\/\d+$/, '');
    const order = await this.fulfillments.orderByCode(await this.fulfillments.contextFor(), code);
    const over = order !== null && (order.state === 'Cancelled' || event.kind === 'CANCELLED');
    return over ? { status: 200, body: { outcome: 'ignored' } } : null;
  }

  private async markReceived(ctx: RequestContext, { id: messageId, body }: Message): Promise<void> {
    const received = new ReceivedEvent({ messageId, bodySha256: sha256(body) });
    await this.connection.getRepository(ctx, ReceivedEvent).insert(received);
  }

  private async seenBefore({ id, body }: Message): Promise<Outcome | null> {
    const ctx = await this.fulfillments.contextFor();
    const seen = await this.connection.getRepository(ctx, ReceivedEvent).findOne({ where: { messageId: id } });
    if (seen === null) return null;
    if (seen.bodySha256 !== sha256(body)) return conflict('This id came before with another body');
    return { status: 200, body: { outcome: 'repeated' } };
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function conflict(error: string): Outcome {
  return { status: 409, body: { error } };
}

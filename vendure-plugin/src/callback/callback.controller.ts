import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Controller, HttpCode, Inject, Post, Req, Res } from '@nestjs/common';
import { Logger, TransactionalConnection } from '@vendure/core';
import { CALLBACK_PATH, DRIVER_DISPATCH_OPTIONS, loggerCtx } from '../constants';
import { DeliveryDesk } from '../deliveries/delivery-desk';
import { parseServiceEvent, type ServiceEvent } from '../deliveries/news';
import { verifySigned } from '../dispatch/signing';
import type { ResolvedOptions } from '../options';
import { DriverFulfillments } from '../orders/fulfillments';
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
type Message = { id: string; bodySha256: string; event: ServiceEvent };

/** Rolls the transaction back and says what to answer. */
class Refusal extends Error {
  constructor(readonly outcome: Outcome) {
    super('refused');
  }
}

/**
 * Where the service calls back. 2xx: dealt with, whether now or before. 401: not signed by the service, or too old.
 * 404: no such order (yet). 409: it contradicts what the shop has. The service repeats everything but 2xx.
 */
@Controller(CALLBACK_PATH)
export class CallbackController {
  @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions;

  constructor(
    private readonly connection: TransactionalConnection,
    private readonly fulfillments: DriverFulfillments,
    private readonly desk: DeliveryDesk,
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
    const message = { id, bodySha256: createHash('sha256').update(body).digest('hex'), event: parsed.event };
    try {
      return (await this.seenBefore(message)) ?? (await this.take(message));
    } catch (error) {
      if (error instanceof Refusal) return error.outcome;
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

  private async take({ id, bodySha256, event }: Message): Promise<Outcome> {
    const outside = await this.fulfillments.contextFor();
    const known = await this.fulfillments.find(outside, { deliveryRef: event.sellerOrderId });
    const found = known === null ? null : await this.fulfillments.orderOf(outside, known.id);
    if (known === null || found === null) return { status: 404, body: { error: 'There is no such order here' } };
    const ctx = await this.fulfillments.contextFor(found);
    return this.connection.withTransaction(ctx, async (tx) => {
      await this.connection.getRepository(tx, ReceivedEvent).insert(new ReceivedEvent({ messageId: id, bodySha256 }));
      // Two events at once: who comes second sees what the first has stored, and drops what is older.
      await this.fulfillments.lock(tx, known.id);
      const fulfillment = await this.fulfillments.find(tx, { id: known.id });
      const order = await this.fulfillments.order(tx, found.id);
      if (fulfillment === null || order === null)
        throw new Refusal({ status: 404, body: { error: 'There is no such order here' } });
      const outcome = await this.desk.apply(tx, fulfillment, order, event);
      if (outcome === 'conflict') throw conflict('The order belongs to another delivery');
      if (outcome === 'refused') throw conflict('The shop does not allow this step at present');
      return { status: 200, body: { outcome } };
    });
  }

  private async seenBefore({ id, bodySha256 }: Message): Promise<Outcome | null> {
    const ctx = await this.fulfillments.contextFor();
    const seen = await this.connection.getRepository(ctx, ReceivedEvent).findOne({ where: { messageId: id } });
    if (seen === null) return null;
    if (seen.bodySha256 !== bodySha256) return conflict('This id came before with another body').outcome;
    return { status: 200, body: { outcome: 'repeated' } };
  }
}

function conflict(error: string): Refusal {
  return new Refusal({ status: 409, body: { error } });
}

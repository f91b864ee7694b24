import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Inject, Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import {
  type ID,
  type Job,
  type JobQueue,
  JobQueueService,
  Logger,
  type RequestContext,
  TransactionalConnection,
} from '@vendure/core';
import { DRIVER_DISPATCH_OPTIONS, loggerCtx, QUEUE_NAME } from '../constants';
import type { ResolvedOptions } from '../options';
import { AutoFulfiller } from '../orders/auto-fulfiller';
import { DriverFulfillments } from '../orders/fulfillments';
import { type Answer, DispatchClient } from './dispatch-client';
import type { DispatchMessage } from './messages';
import { Pause } from './pause';

export type DispatchJob =
  /** `body` is the frozen message; `id` stays over retries, so the service does it once. */
  | { kind: 'send'; id: string; body: string; type: DispatchMessage['type']; sellerOrderId: string; fulfillmentId: ID }
  | { kind: 'fulfil'; orderId: ID };

/**
 * The outbox. A job is added inside the transaction that makes it necessary: with the DefaultJobQueuePlugin its row is
 * committed or rolled back with the order. The message is fixed at that moment; only its signature is made anew for
 * each attempt.
 */
@Injectable()
export class DispatchSender implements OnModuleInit, OnModuleDestroy {
  @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions;
  private queue: JobQueue<DispatchJob>;
  private readonly pause = new Pause();
  private readonly ending = new AbortController();

  constructor(
    private readonly jobQueueService: JobQueueService,
    private readonly client: DispatchClient,
    private readonly fulfillments: DriverFulfillments,
    private readonly autoFulfiller: AutoFulfiller,
    private readonly connection: TransactionalConnection,
  ) {}

  async onModuleInit(): Promise<void> {
    this.queue = await this.jobQueueService.createQueue<DispatchJob>({
      name: QUEUE_NAME,
      process: (job) =>
        job.data.kind === 'fulfil' ? this.autoFulfiller.fulfil(job.data.orderId) : this.send(job.data, job),
    });
  }

  onModuleDestroy(): void {
    this.ending.abort();
  }

  async enqueue(ctx: RequestContext, fulfillmentId: ID, message: DispatchMessage): Promise<void> {
    const { type, sellerOrderId } = message;
    const body = JSON.stringify(message);
    await this.add(ctx, { kind: 'send', id: `msg_${randomUUID()}`, body, type, sellerOrderId, fulfillmentId });
  }

  async enqueueFulfil(ctx: RequestContext, orderId: ID): Promise<void> {
    await this.add(ctx, { kind: 'fulfil', orderId });
  }

  private async add(ctx: RequestContext, data: DispatchJob): Promise<void> {
    await this.queue.add(data, { ctx, retries: this.options.retries });
  }

  /** One attempt. Throwing makes the job come again; returning ends it. */
  private async send(data: Extract<DispatchJob, { kind: 'send' }>, job: Pick<Job, 'attempts'>): Promise<string> {
    await sleep(this.pause.remainingMs(), undefined, { signal: this.ending.signal });
    const answer = await this.client.postMessage(data.id, JSON.parse(data.body) as DispatchMessage);
    if (answer.status >= 200 && answer.status < 300) {
      this.pause.succeeded();
      await this.remember(data, { deliveryError: null, deliveryId: answer.body?.deliveryId });
      return answer.body?.status ?? 'accepted';
    }
    const said = describe(answer);
    if (isFinal(answer)) {
      this.pause.succeeded();
      Logger.error(`${data.type} of ${data.sellerOrderId} was refused: ${said}`, loggerCtx);
      await this.refused(data, answer);
      return `refused: ${said}`;
    }
    this.pause.failed(answer.retryAfterMs);
    if (job.attempts <= 1) {
      Logger.warn(`${data.type} of ${data.sellerOrderId} comes again: ${said}`, loggerCtx);
      // An owner can mend these; nobody would look for them in a log.
      if (answer.status >= 400 && answer.status < 500) await this.remember(data, { deliveryError: said });
    }
    throw new Error(said);
  }

  /** Outside of any request: by its own statement, and only what is still to be known. */
  private async remember(
    data: Extract<DispatchJob, { kind: 'send' }>,
    fields: { deliveryError: string | null; deliveryId?: string | null },
  ): Promise<void> {
    const ctx = await this.fulfillments.contextFor();
    await this.connection.withTransaction(ctx, async (tx) => {
      const fulfillment = await this.fulfillments.find(tx, { id: data.fulfillmentId });
      if (fulfillment === null) return;
      const { deliveryId, deliveryError } = fulfillment.customFields;
      const learnt = {
        ...(deliveryError !== fields.deliveryError && { deliveryError: fields.deliveryError }),
        ...(fields.deliveryId && deliveryId === null && { deliveryId: fields.deliveryId }),
        ...(fulfillment.customFields.deliveryStatus === null && fields.deliveryId && { deliveryStatus: 'PENDING' }),
      };
      if (Object.keys(learnt).length > 0) await this.fulfillments.save(tx, fulfillment, learnt);
    });
  }

  private async refused(data: Extract<DispatchJob, { kind: 'send' }>, answer: Answer): Promise<void> {
    const ctx = await this.fulfillments.contextFor();
    const order = await this.fulfillments.orderOf(ctx, data.fulfillmentId);
    if (order === null) return;
    await this.fulfillments.note(ctx, order.id, noteOn(data, answer), false);
    if (answer.status !== 409) await this.remember(data, { deliveryError: describe(answer) });
  }
}

/** Never-again: too late for the step, or a body the service will never take. Everything else may be mended meanwhile. */
function isFinal({ status, problem }: Answer): boolean {
  if (status === 409) return problem !== 'key_in_flight';
  return status === 400 || status === 410 || status === 413 || status === 415 || status === 422;
}

function describe({ status, problem, detail }: Answer): string {
  const said = [status === 0 ? null : status, problem, detail].filter((part) => part !== null).join(' ');
  return status === 401 ? `${said} (is signingSecret the one the service has for this shop?)` : said;
}

function noteOn(
  { type, sellerOrderId }: { type: DispatchMessage['type']; sellerOrderId: string },
  answer: Answer,
): string {
  const why = answer.detail ?? `the service answered ${answer.status}`;
  switch (type) {
    case 'delivery.cancelled':
      return `Delivery ${sellerOrderId} could not be cancelled: ${why}. Call the driver.`;
    case 'delivery.updated':
      return `The new address did not reach delivery ${sellerOrderId}: ${why}. Call the driver, or reassign the delivery.`;
    case 'delivery.requested':
      return `Delivery ${sellerOrderId} was refused: ${why}.`;
  }
}

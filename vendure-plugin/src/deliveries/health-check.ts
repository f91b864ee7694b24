import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Logger, Order, TransactionalConnection } from '@vendure/core';
import { In, MoreThan, Not } from 'typeorm';
import { ReceivedEvent } from '../callback/received-event.entity';
import { DRIVER_DISPATCH_OPTIONS, loggerCtx } from '../constants';
import { DispatchClient } from '../dispatch/dispatch-client';
import { otherShop } from '../dispatch/key-shop';
import type { ResolvedOptions } from '../options';
import { UnsentOrders } from '../orders/unsent-orders';
import { OutgoingMessage } from '../outbox/outgoing-message.entity';
import { callbackProblem, type HealthProblem, problem } from './health-problems';

/** Null: could not be found out, since something before it is wrong. */
export interface DispatchHealth {
  reachable: boolean;
  keyValid: boolean | null;
  /** The service takes what this shop signs. */
  secretMatches: boolean | null;
  /** The service reaches this shop, and the shop takes what the service signs. */
  callbackWorks: boolean | null;
  /** When the service was last heard in this shop: null, never (or not for a week). */
  lastEventAt: Date | null;
  /** Messages that have not left yet. */
  waiting: number;
  /** What an owner has to mend, in English. */
  problems: string[];
  /** The same, for whoever says it in another language. */
  findings: HealthProblem[];
}

/** The service calls back: a server that starts is not listening yet. */
const AFTER_START_MS = 5_000;
/** More than these are not counted. */
const COUNTED = 100;
/** Whom nobody has called by then need not be called any more. */
const LOOK_BACK_MS = 3 * 86_400_000;

/** An owner who sees: a wrong key or secret would else show only in orders that do not move. */
@Injectable()
export class HealthCheck implements OnApplicationBootstrap, OnModuleDestroy {
  @Inject(DRIVER_DISPATCH_OPTIONS) private readonly options: ResolvedOptions;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly client: DispatchClient,
    private readonly connection: TransactionalConnection,
    private readonly unsent: UnsentOrders,
  ) {}

  onApplicationBootstrap(): void {
    // The shop starts without waiting for it, and also while the service is away.
    this.timer = setTimeout(() => void this.warn(), AFTER_START_MS).unref();
  }

  onModuleDestroy(): void {
    clearTimeout(this.timer);
  }

  private async warn(): Promise<void> {
    try {
      for (const problem of (await this.check()).problems) Logger.warn(problem, loggerCtx);
    } catch (error) {
      Logger.warn(`The dispatch service could not be checked: ${error}`, loggerCtx);
    }
  }

  async check(): Promise<DispatchHealth> {
    const { status, detail } = await this.client.health();
    const reachable = status === 200 || status === 503;
    const [unlocated, pinged, me] = reachable
      ? await Promise.all([this.client.withoutCoordinates(), this.client.ping(), this.client.me()])
      : [null, null, null];
    const { rawConnection: shop } = this.connection;
    const [[last], waiting, unsent, elsewhen] = [
      await shop.getRepository(ReceivedEvent).find({ order: { createdAt: 'DESC' }, take: 1 }),
      await shop.getRepository(OutgoingMessage).count(),
      await this.unsentCount(),
      await this.inAnotherWindow(),
    ];
    const [keyValid, secretMatches] = [accepts(unlocated), accepts(pinged)];
    // A service of before says nothing of it.
    const callback = pinged?.body?.callback;
    const mayOnlyRead = me?.body?.scopes.every((scope) => scope === 'read') ?? false;
    const other = otherShop(me?.body?.shop, this.options.shop);
    const unlocatedCount = unlocated?.body?.items.length ?? 0;
    const findings = [
      !reachable && problem('unreachable', detail ?? `status ${status}`),
      keyValid === false && problem('key'),
      mayOnlyRead && problem('key_scope'),
      other !== null && problem('key_shop', other),
      unlocatedCount > 0 && problem('unlocated', counted(unlocatedCount)),
      unsent > 0 && problem('unsent', counted(unsent)),
      elsewhen > 0 && problem('window', counted(elsewhen)),
      secretMatches === false && problem('secret'),
      callback !== undefined && !callback.taken && callbackProblem(callback.detail),
    ].filter((each) => each !== false);
    const problems = findings.map(({ text }) => text);
    const lastEventAt = last?.createdAt ?? null;
    const callbackWorks = callback?.taken ?? null;
    return { reachable, keyValid, secretMatches, callbackWorks, lastEventAt, waiting, problems, findings };
  }

  private async unsentCount(): Promise<number> {
    const recent = await this.unsent.page('recent', new Date(), COUNTED);
    const told = recent.length < COUNTED ? await this.unsent.page('told', new Date(), COUNTED) : [];
    return Math.min(COUNTED, recent.length + told.length);
  }

  /** Orders of the last days that are still to be delivered, and not when their customers chose. */
  private async inAnotherWindow(): Promise<number> {
    const found = await this.connection.rawConnection.getRepository(Order).find({
      select: { id: true },
      where: {
        customFields: { deliveryWished: MoreThan(new Date(Date.now() - LOOK_BACK_MS)) },
        state: Not(In(['Delivered', 'Cancelled'])),
      },
      take: COUNTED,
    });
    return found.length;
  }
}

function counted(count: number): string {
  return count >= COUNTED ? `${COUNTED}+` : String(count);
}

/** Whether the service knows who asks. Null where its answer says nothing about that. */
function accepts(answer: { status: number } | null): boolean | null {
  if (answer === null) return null;
  if (answer.status >= 200 && answer.status < 300) return true;
  return answer.status === 401 || answer.status === 403 ? false : null;
}

import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Logger, TransactionalConnection } from '@vendure/core';
import { ReceivedEvent } from '../callback/received-event.entity';
import { loggerCtx } from '../constants';
import { DispatchClient } from '../dispatch/dispatch-client';
import { OutgoingMessage } from '../outbox/outgoing-message.entity';

/** Null: could not be found out, since something before it is wrong. */
export interface DispatchHealth {
  reachable: boolean;
  keyValid: boolean | null;
  /** The service takes what this shop signs. */
  secretMatches: boolean | null;
  /** When the service was last heard in this shop: null, never (or not for a week). */
  lastEventAt: Date | null;
  /** Messages that have not left yet. */
  waiting: number;
  /** What an owner has to mend, in words. */
  problems: string[];
}

/** An owner who sees: a wrong key or secret would else show only in orders that do not move. */
@Injectable()
export class HealthCheck implements OnApplicationBootstrap {
  constructor(
    private readonly client: DispatchClient,
    private readonly connection: TransactionalConnection,
  ) {}

  onApplicationBootstrap(): void {
    // The shop starts without waiting for it, and also while the service is away.
    void this.check()
      .then(({ problems }) => {
        for (const problem of problems) Logger.warn(problem, loggerCtx);
      })
      .catch((error: unknown) => Logger.warn(`The dispatch service could not be checked: ${error}`, loggerCtx));
  }

  async check(): Promise<DispatchHealth> {
    const { status, detail } = await this.client.health();
    const reachable = status === 200 || status === 503;
    const [unlocated, pinged] = reachable
      ? await Promise.all([this.client.withoutCoordinates(), this.client.ping()])
      : [null, null];
    const [keyValid, secretMatches] = [accepts(unlocated), accepts(pinged)];
    const stuck = unlocated?.body?.items.length ?? 0;
    const { rawConnection: shop } = this.connection;
    const [[last], waiting] = [
      await shop.getRepository(ReceivedEvent).find({ order: { createdAt: 'DESC' }, take: 1 }),
      await shop.getRepository(OutgoingMessage).count(),
    ];
    const problems = [
      !reachable && `The dispatch service does not answer at serviceUrl (${detail ?? `status ${status}`}).`,
      keyValid === false && 'The dispatch service does not know apiKey: is it its DEFAULT_SHOP_KEY?',
      stuck > 0 && `${stuck === 100 ? '100 or more' : stuck} deliveries wait for coordinates: no driver is looked for.`,
      secretMatches === false &&
        'The dispatch service refuses what signingSecret signs: is it its DEFAULT_SHOP_SECRET?',
    ].filter((problem) => problem !== false);
    return { reachable, keyValid, secretMatches, lastEventAt: last?.createdAt ?? null, waiting, problems };
  }
}

/** Whether the service knows who asks. Null where its answer says nothing about that. */
function accepts(answer: { status: number } | null): boolean | null {
  if (answer === null) return null;
  if (answer.status >= 200 && answer.status < 300) return true;
  return answer.status === 401 || answer.status === 403 ? false : null;
}

import { useEffect, useState } from 'preact/hooks';
import type { ShopView, WebhookFailureView } from '#shared/contract/shop-answers.ts';
import { ask } from '#shared/pages/ask.ts';
import { refusalText } from '#shared/pages/refusal-text.ts';
import { momentText } from '#shared/pages/spoken.ts';
import type { Notice } from './actions.ts';
import { say } from './language.ts';
import { replayAll } from './replay-all.ts';

interface WebhooksProps {
  shopId: string;
  mayDispatch: boolean;
  notify: (notice: Notice) => void;
}

/** Events that did not reach the shop, and how to send them again. */
export function Webhooks({ shopId, mayDispatch, notify }: WebhooksProps) {
  const [failures, setFailures] = useState<readonly WebhookFailureView[] | null>(null);
  const [webhook, setWebhook] = useState<ShopView['webhook']>(null);
  const look = async () => {
    try {
      const [found, shop] = await Promise.all([
        ask<{ items: WebhookFailureView[] }>('GET', `/v1/shops/${shopId}/webhook/failures?limit=100`),
        ask<ShopView>('GET', `/v1/shops/${shopId}`),
      ]);
      setWebhook(shop.webhook);
      setFailures(found.items);
    } catch (error) {
      notify({ text: refusalText(error, say().faults), bad: true });
    }
  };
  useEffect(() => void look(), [shopId]);
  const replay = async (eventIds?: string[]) => {
    const body = eventIds ? { eventIds } : {};
    const path = `/v1/shops/${shopId}/webhook/replay`;
    try {
      const replayed = await replayAll(async () => (await ask<{ replayed: number }>('POST', path, { body })).replayed);
      notify({ text: say().webhooks.willBeSent(replayed), bad: false });
      await look();
    } catch (error) {
      notify({ text: refusalText(error, say().faults), bad: true });
    }
  };
  if (failures === null) return <p class="nothing">{say().oneMoment}</p>;
  return (
    <section aria-labelledby="webhooks-title">
      <h2 id="webhooks-title">{say().webhooks.title}</h2>
      <p class="buttons">
        <button type="button" onClick={() => void look()}>
          {say().webhooks.again}
        </button>
        {mayDispatch && failures.length > 0 && (
          <button class="primary" type="button" onClick={() => void replay()}>
            {say().webhooks.sendAll}
          </button>
        )}
      </p>
      {webhook?.disabledAt && (
        <p class="fault" role="alert">
          {say().webhooks.gone}
        </p>
      )}
      {failures.length === 0 && (
        <p class="nothing">{webhook ? say().webhooks.noneMissing : say().webhooks.noEndpoint}</p>
      )}
      <ul class="rows">
        {failures.map((failure) => (
          <li key={failure.id}>
            <span class="what">
              <b>{failure.event}</b>
            </span>
            <span class="side">{failure.state === 'parked' ? say().webhooks.givenUp : say().webhooks.triedAgain}</span>
            <span class="more-words">
              {failure.lastError ?? ''} · {say().webhooks.attempts(failure.attempts)} ·{' '}
              {momentText(failure.createdAt, Date.now())}
            </span>
            {mayDispatch && (
              <button type="button" onClick={() => void replay([failure.id])}>
                {say().webhooks.send}
              </button>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

import { useEffect, useState } from 'preact/hooks';
import type { CallerLimits } from '#shared/contract/caller-limits.ts';
import { ask } from '#shared/pages/ask.ts';
import { refusalText } from '#shared/pages/refusal-text.ts';
import { language } from '#shared/pages/spoken.ts';
import type { Notice } from './actions.ts';
import { say } from './language.ts';

interface CallerLimitsProps {
  shopId: string;
  notify: (notice: Notice) => void;
}

/** How much the shop's keys and drivers may ask. Only the operator sets it: a shop that could, would have no limit. */
export function LimitsOfShop({ shopId, notify }: CallerLimitsProps) {
  const [limits, setLimits] = useState<CallerLimits | null>(null);
  useEffect(() => {
    ask<CallerLimits>('GET', `/v1/shops/${shopId}/limits`).then(setLimits, (error: unknown) =>
      notify({ text: refusalText(error, say().faults), bad: true }),
    );
  }, [shopId]);
  if (limits === null) return null;
  const texts = say().limits;
  const names = Object.keys(texts.names) as (keyof CallerLimits)[];
  const textOf = (limit: number | undefined) => {
    if (limit === undefined) return texts.usual;
    return limit === 0 ? texts.none : limit.toLocaleString(language);
  };
  return (
    <section aria-labelledby="limits-title">
      <h2 id="limits-title">{texts.title}</h2>
      <p class="hint">{texts.who}</p>
      <ul class="rows">
        {names.map((name) => (
          <li key={name}>
            <span class="what">{texts.names[name]}</span>
            <span class="side">{textOf(limits[name])}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

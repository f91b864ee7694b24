import { useEffect, useState } from 'preact/hooks';
import type { DeliveryView } from '#shared/contract/deliveries.ts';
import type { DecisionView } from '#shared/contract/routes.ts';
import { ask } from '#shared/pages/ask.ts';
import { durationText, momentText } from '#shared/pages/spoken.ts';
import { codeText, say } from './language.ts';
import type { Store } from './store.ts';

const SHOWN = 5;

/** Why the service gave it to whom, or held it, or found nobody; the latest first. */
export function Decisions({ store, delivery }: { store: Store; delivery: DeliveryView }) {
  const [items, setItems] = useState<readonly DecisionView[]>([]);
  useEffect(() => {
    let gone = false;
    ask<{ items: DecisionView[] }>('GET', `/v1/deliveries/${delivery.id}/decisions?limit=${SHOWN}`).then(
      (found) => gone || setItems(found.items),
      () => {},
    );
    return () => {
      gone = true;
    };
  }, [delivery.id, delivery.version]);
  if (items.length === 0) return null;
  const title = delivery.driverId === null ? say().decisions.whyWaits : say().decisions.whyDriver;
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {items.map((decision) => (
        <details key={`${decision.at} ${decision.plan.id}`} class="decision">
          <summary>
            <time dateTime={decision.at}>{momentText(decision.at, Date.now())}</time>{' '}
            <span dir="auto">{decision.sentence}</span>
          </summary>
          <Choice store={store} decision={decision} />
        </details>
      ))}
    </section>
  );
}

/** The same in figures. */
function Choice({ store, decision }: { store: Store; decision: DecisionView }) {
  const texts = say().decisions;
  const { costS, parts, alternatives, ruledOut, plan } = decision;
  const nameOf = (id: string) => store.drivers.get(id)?.name ?? say().aDriver;
  const costs = Object.entries(parts ?? {}).filter(([, seconds]) => Math.abs(seconds) >= 1);
  return (
    <table>
      <tbody>
        {costS !== null && (
          <Line name={texts.costs}>
            {signed(costS)}
            {costs.length > 0 && ` (${costs.map(([name, s]) => `${partText(name)} ${signed(s)}`).join(', ')})`}
          </Line>
        )}
        {alternatives.map(({ driverId, extraS }) => (
          <Line key={driverId} name={texts.with(nameOf(driverId))}>
            {extraS >= 0 ? '+' : ''}
            {signed(extraS)}
          </Line>
        ))}
        {Object.entries(ruledOut).map(([reason, count]) => (
          <Line key={reason} name={codeText(reason)}>
            {texts.drivers(count)}
          </Line>
        ))}
        {plan.deliveries !== null && (
          <Line name={texts.together}>
            {texts.deliveries(plan.deliveries)}, {texts.drivers(plan.drivers ?? 0)}
            {plan.ms !== null && `, ${plan.ms} ms`}
          </Line>
        )}
      </tbody>
    </table>
  );
}

function Line({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>{children}</td>
    </tr>
  );
}

/** `waitingS` → `waiting`, in the reader's language. */
function partText(name: string): string {
  const part = name.replace(/S$/, '');
  return say().parts[part] ?? part;
}

function signed(seconds: number): string {
  return `${seconds < 0 ? '−' : ''}${durationText(Math.abs(seconds))}`;
}

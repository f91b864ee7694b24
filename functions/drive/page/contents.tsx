import { moneyText } from '#shared/pages/spoken.ts';
import type { KnownDelivery } from './changes.ts';
import { texts } from './language.ts';

/** What is in the parcel, and what is paid for it at the door: counted where it is collected, and where it is handed over. */
export function Contents({ pickup: { items = [] }, dropoff: { cash } }: Pick<KnownDelivery, 'pickup' | 'dropoff'>) {
  const said = texts;
  return (
    <>
      {items.length > 0 && (
        <ul class="items" aria-label={said.items}>
          {items.map(({ name, quantity }) => (
            <li key={name}>{said.item(quantity, name)}</li>
          ))}
        </ul>
      )}
      {cash && <p class="notes cash">{said.cash(moneyText(cash))}</p>}
    </>
  );
}

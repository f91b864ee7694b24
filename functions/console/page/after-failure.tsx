import type { DeliveryView } from '#shared/contract/deliveries.ts';
import type { Actions } from './actions.ts';
import { say } from './language.ts';

/**
 * What becomes of an order that did not arrive: another attempt, with another address or notes where that was why; or its
 * end. A parcel that was picked up is aboard until somebody says that it is back.
 */
export function AfterFailure({ delivery, actions }: { delivery: DeliveryView; actions: Actions }) {
  const { id, status, dropoff } = delivery;
  const isAboard = status === 'FAILED' && delivery.pickedUpAt !== null;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const said = ['address', 'notes'].map((name) => [name, String(form.get(name)).trim()] as const);
    const changed = said.filter(([name, text]) => text !== '' && text !== dropoff[name as 'address' | 'notes']);
    void actions.redeliver(id, Object.fromEntries(changed));
  };
  return (
    <form class="buttons" aria-label={say().failure.title} onSubmit={submit}>
      <label>
        {say().failure.address}
        <input name="address" defaultValue={dropoff.address ?? ''} maxLength={500} autocomplete="off" />
      </label>
      <label>
        {say().failure.notes}
        <input name="notes" defaultValue={dropoff.notes ?? ''} maxLength={2_000} autocomplete="off" />
      </label>
      <button type="submit">{say().failure.again}</button>
      {status === 'FAILED' && (
        <button type="button" onClick={() => void actions.close(id)}>
          {isAboard ? say().failure.isBack : say().failure.close}
        </button>
      )}
    </form>
  );
}

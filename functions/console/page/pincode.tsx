import type { DeliveryView } from '#shared/contract/deliveries.ts';
import type { Actions } from './actions.ts';

/** For a recipient who has lost the code, and a driver who has guessed too often. */
export function Pincode({ delivery, actions }: { delivery: DeliveryView; actions: Actions }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    void actions.setPincode(delivery.id, String(new FormData(form).get('pincode')));
    form.reset();
  };
  return (
    <form class="buttons" aria-label="PIN code" onSubmit={submit}>
      <label>
        New PIN code
        <input name="pincode" inputMode="numeric" autocomplete="off" pattern="\d{4,8}" required />
      </label>
      <button type="submit">Set PIN code</button>
      <button type="button" onClick={() => void actions.setPincode(delivery.id, null)}>
        Hand over without PIN
      </button>
    </form>
  );
}

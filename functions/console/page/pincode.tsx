import type { DeliveryView } from '#shared/contract/deliveries.ts';
import type { Actions } from './actions.ts';
import { say } from './language.ts';

/** For a recipient who has lost the code, and a driver who has guessed too often. */
export function Pincode({ delivery, actions }: { delivery: DeliveryView; actions: Actions }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const fresh = String(new FormData(form).get('pincode'));
    void actions.setPincode(delivery.id, fresh).then((isSet) => isSet && form.reset());
  };
  return (
    <form class="buttons" aria-label={say().pincode.title} onSubmit={submit}>
      <label>
        {say().pincode.fresh}
        <input name="pincode" inputMode="numeric" autocomplete="off" pattern="\d{4,8}" required />
      </label>
      <button type="submit">{say().pincode.set}</button>
      <button type="button" onClick={() => void actions.setPincode(delivery.id, null)}>
        {say().pincode.without}
      </button>
    </form>
  );
}

import type { DeliveryView } from '#shared/contract/deliveries.ts';
import type { Actions } from './actions.ts';
import { say } from './language.ts';

const FOR_MIN = [15, 30, 60, null] as const;
const nameOfTime = (minutes: (typeof FOR_MIN)[number]) =>
  minutes === null ? say().hold.untilReleased : minutes === 60 ? say().hold.hour : say().hold.minutes(minutes);

/** Keeps a waiting delivery back, or lets it go. */
export function Hold({ delivery, actions }: { delivery: DeliveryView; actions: Actions }) {
  if (delivery.dispatch === 'paused') {
    return (
      <div class="buttons">
        <button class="primary" type="button" onClick={() => void actions.release(delivery.id)}>
          {say().hold.release}
        </button>
      </div>
    );
  }
  return (
    <fieldset class="buttons">
      <legend>{say().hold.legend}</legend>
      {FOR_MIN.map((minutes) => (
        <button key={minutes} type="button" onClick={() => void actions.hold(delivery.id, minutes)}>
          {nameOfTime(minutes)}
        </button>
      ))}
    </fieldset>
  );
}

import { useState } from 'preact/hooks';
import type { DeliveryView } from '#shared/contract/deliveries.ts';
import { momentText, sentence, statusText } from '#shared/pages/words.ts';
import type { Step } from './outbox.ts';
import { shrink } from './shrink.ts';

export interface CurrentProps {
  delivery: DeliveryView;
  onStep: (step: Omit<Step, 'key' | 'occurredAt'>) => void;
}

const REASONS = {
  before: ['PICKUP_FAILED', 'DAMAGED', 'UNSAFE'],
  after: ['RECIPIENT_UNAVAILABLE', 'REFUSED', 'BAD_ADDRESS', 'DAMAGED', 'UNSAFE', 'DELIVERY_FAILED'],
} as const;

/** One delivery: where to go, what to do there, and what to do if that fails. */
export function Current({ delivery, onStep }: CurrentProps) {
  const [failing, setFailing] = useState(false);
  const toPickup = delivery.status === 'ASSIGNED';
  const title = delivery.sellerOrderId ?? delivery.id.slice(-6);
  return (
    <article aria-label={`Order ${title}`}>
      <p class="kind">
        {toPickup ? 'Pick up' : 'Deliver'} · order {title} · {statusText(delivery.status).toLowerCase()}
      </p>
      <Place stop={toPickup ? delivery.pickup : delivery.dropoff} />
      {delivery.notes && <p class="notes">{delivery.notes}</p>}
      {failing ? (
        <Failing delivery={delivery} toPickup={toPickup} onStep={onStep} onBack={() => setFailing(false)} />
      ) : toPickup ? (
        <button
          class="primary big"
          type="button"
          onClick={() => onStep({ deliveryId: delivery.id, status: 'PICKED_UP' })}
        >
          I have it
        </button>
      ) : (
        <HandOver delivery={delivery} onStep={onStep} />
      )}
      {!failing && (
        <button class="quiet" type="button" onClick={() => setFailing(true)}>
          It does not work
        </button>
      )}
    </article>
  );
}

function Place({ stop }: { stop: DeliveryView['pickup'] }) {
  const { address, name, phone, notes, readyAt, before } = stop as unknown as Record<string, string | undefined>;
  const { lat, lon } = stop;
  return (
    <div class="place">
      {name && <p class="who">{name}</p>}
      <h2>{address ?? (lat === null ? 'No address' : `${lat.toFixed(5)}, ${lon?.toFixed(5)}`)}</h2>
      {notes && <p>{notes}</p>}
      {readyAt && <p class="hint">Ready {momentText(readyAt, Date.now())}</p>}
      {before && <p class="hint">Before {momentText(before, Date.now())}</p>}
      <p class="links">
        {lat !== null && lon !== null && (
          <a class="button" href={navigationLink(lat, lon)} target="_blank" rel="noreferrer">
            Navigate
          </a>
        )}
        {phone && (
          <a class="button" href={`tel:${phone}`}>
            Call
          </a>
        )}
      </p>
    </div>
  );
}

/** To the phone's own maps where there is a way to name them, else to OpenStreetMap. */
function navigationLink(lat: number, lon: number): string {
  if (/Android/.test(navigator.userAgent)) return `geo:${lat},${lon}?q=${lat},${lon}`;
  if (/iPhone|iPad/.test(navigator.userAgent)) return `https://maps.apple.com/?daddr=${lat},${lon}`;
  return `https://www.openstreetmap.org/directions?to=${lat}%2C${lon}`;
}

function HandOver({ delivery, onStep }: CurrentProps) {
  const [photo, setPhoto] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const choose = async (event: Event) => {
    const [file] = (event.currentTarget as HTMLInputElement).files ?? [];
    if (!file) return;
    try {
      setPhoto(await shrink(file));
      setFault(null);
    } catch {
      setFault('This picture cannot be read');
    }
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const [pincode, receivedBy] = [
      String(form.get('pincode') ?? '').trim(),
      String(form.get('receivedBy') ?? '').trim(),
    ];
    onStep({
      deliveryId: delivery.id,
      status: 'DELIVERED',
      ...(pincode && { pincode }),
      ...(receivedBy && { receivedBy }),
      ...(photo && { photo }),
    });
  };
  return (
    <form class="hand-over" onSubmit={submit}>
      {delivery.pincodeRequired && (
        <label>
          Recipient’s PIN code
          <input name="pincode" inputMode="numeric" autocomplete="off" pattern="\d{4,8}" required />
        </label>
      )}
      <label>
        Received by <span class="hint">(optional)</span>
        <input name="receivedBy" maxLength={200} autocomplete="off" />
      </label>
      <label class={photo ? 'photo taken' : 'photo'}>
        {photo ? 'Take another photo' : 'Take a photo'} <span class="hint">{photo ? '' : '(optional)'}</span>
        <input
          class="unseen"
          type="file"
          accept="image/*"
          capture="environment"
          onChange={(event) => void choose(event)}
        />
      </label>
      {photo && <img src={photo} alt="What the camera has just seen" />}
      {fault && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <button class="primary big" type="submit">
        Delivered
      </button>
    </form>
  );
}

function Failing({ delivery, toPickup, onStep, onBack }: CurrentProps & { toPickup: boolean; onBack: () => void }) {
  const fail = (failureCode: string) => onStep({ deliveryId: delivery.id, status: 'FAILED', failureCode });
  return (
    <fieldset class="reasons">
      <legend>What is wrong?</legend>
      {toPickup && (
        <button
          type="button"
          onClick={() => onStep({ deliveryId: delivery.id, status: 'PENDING', note: 'The driver cannot take it' })}
        >
          I cannot take it: give it to another driver
        </button>
      )}
      {REASONS[toPickup ? 'before' : 'after'].map((code) => (
        <button key={code} type="button" onClick={() => fail(code)}>
          {sentence(code)}
        </button>
      ))}
      <button class="quiet" type="button" onClick={onBack}>
        Back
      </button>
    </fieldset>
  );
}

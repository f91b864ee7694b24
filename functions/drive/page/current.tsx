import { useState } from 'preact/hooks';
import type { RouteStopView } from '#shared/contract/routes.ts';
import { momentText, phoneLink, sentence, timeText } from '#shared/pages/words.ts';
import type { KnownDelivery } from './changes.ts';
import { KINDS } from './later.tsx';
import type { Step } from './outbox.ts';
import { shrink } from './shrink.ts';

type Take = (step: Omit<Step, 'key' | 'occurredAt'>) => void;

interface CurrentProps {
  stop: RouteStopView;
  /** Not known yet where it has just been given. */
  delivery: KnownDelivery | undefined;
  /** What has become another since they were given it, in words. */
  changed: readonly string[];
  onSeen: (delivery: KnownDelivery) => void;
  onStep: Take;
}

const REASONS = {
  pickup: ['PICKUP_FAILED', 'DAMAGED', 'UNSAFE'],
  dropoff: ['RECIPIENT_UNAVAILABLE', 'REFUSED', 'BAD_ADDRESS', 'DAMAGED', 'UNSAFE', 'DELIVERY_FAILED'],
} as const;

/** One stop: where to go, what to do there, and what to do if that fails. */
export function Current({ stop, delivery, changed, onSeen, onStep }: CurrentProps) {
  const [failing, setFailing] = useState(false);
  const { deliveryId, kind } = stop;
  const title = stop.sellerOrderId ?? deliveryId.slice(-6);
  const step = (status: string) => () => onStep({ deliveryId, status });
  return (
    <article aria-label={`Order ${title}`}>
      <p class="kind">
        {KINDS[kind]} · order {title}
        {stop.plannedAt && <time dateTime={stop.plannedAt}> {timeText(stop.plannedAt)}</time>}
      </p>
      {delivery && changed.length > 0 && (
        <div class="banner changed" role="alert">
          <p>Changed: {changed.join(', ')}</p>
          <button type="button" onClick={() => onSeen(delivery)}>
            I have seen it
          </button>
        </div>
      )}
      <Place stop={stop} />
      {delivery?.notes && <p class="notes">{delivery.notes}</p>}
      {failing && kind !== 'return' && (
        <Failing deliveryId={deliveryId} kind={kind} onStep={onStep} onBack={() => setFailing(false)} />
      )}
      {!failing && kind === 'pickup' && (
        <button class="primary big" type="button" onClick={step('PICKED_UP')}>
          I have it
        </button>
      )}
      {!failing && kind === 'dropoff' && (
        <HandOver deliveryId={deliveryId} pincodeRequired={delivery?.pincodeRequired ?? false} onStep={onStep} />
      )}
      {kind === 'return' && (
        <button class="primary big" type="button" onClick={step('RETURNED')}>
          It is back
        </button>
      )}
      {!failing && kind !== 'return' && (
        <button class="quiet" type="button" onClick={() => setFailing(true)}>
          It does not work
        </button>
      )}
    </article>
  );
}

function Place({ stop }: { stop: RouteStopView }) {
  const { address, name, phone, notes, after, before, lat, lon } = stop;
  return (
    <div class="place">
      {name && <p class="who">{name}</p>}
      <h2>{address ?? (lat === null ? 'No address' : `${lat.toFixed(5)}, ${lon?.toFixed(5)}`)}</h2>
      {notes && <p>{notes}</p>}
      {after && <p class="hint">Not before {momentText(after, Date.now())}</p>}
      {before && <p class="hint">Before {momentText(before, Date.now())}</p>}
      <p class="links">
        {lat !== null && lon !== null && (
          <a class="button" href={navigationLink(lat, lon)} target="_blank" rel="noreferrer">
            Navigate
          </a>
        )}
        {phone && (
          <a class="button" href={phoneLink(phone)}>
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

function HandOver({
  deliveryId,
  pincodeRequired,
  onStep,
}: {
  deliveryId: string;
  pincodeRequired: boolean;
  onStep: Take;
}) {
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
      deliveryId,
      status: 'DELIVERED',
      ...(pincode && { pincode }),
      ...(receivedBy && { receivedBy }),
      ...(photo && { photo }),
    });
  };
  return (
    <form class="hand-over" onSubmit={submit}>
      {pincodeRequired && (
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

function Failing({
  deliveryId,
  kind,
  onStep,
  onBack,
}: {
  deliveryId: string;
  kind: 'pickup' | 'dropoff';
  onStep: Take;
  onBack: () => void;
}) {
  return (
    <fieldset class="reasons">
      <legend>What is wrong?</legend>
      {kind === 'pickup' && (
        <button
          type="button"
          onClick={() => onStep({ deliveryId, status: 'PENDING', note: 'The driver cannot take it' })}
        >
          I cannot take it: give it to another driver
        </button>
      )}
      {REASONS[kind].map((failureCode) => (
        <button key={failureCode} type="button" onClick={() => onStep({ deliveryId, status: 'FAILED', failureCode })}>
          {sentence(failureCode)}
        </button>
      ))}
      <button class="quiet" type="button" onClick={onBack}>
        Back
      </button>
    </fieldset>
  );
}

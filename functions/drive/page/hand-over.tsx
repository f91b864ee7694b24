import { useEffect, useState } from 'preact/hooks';
import { texts } from '#shared/pages/language.ts';
import { shrink } from './shrink.ts';
import type { Taken } from './steps.ts';

/** What proves that it was handed over, and that it was. */
export function HandOver({
  pincodeRequired,
  onStep,
}: {
  pincodeRequired: boolean;
  onStep: (step: Omit<Taken, 'deliveryId' | 'title'>) => void;
}) {
  const [photo, setPhoto] = useState<Blob | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const address = useAddress(photo);
  const said = texts.drive;
  const choose = async (event: Event) => {
    const [file] = (event.currentTarget as HTMLInputElement).files ?? [];
    if (!file) return;
    try {
      setPhoto(await shrink(file));
      setFault(null);
    } catch {
      setFault(said.photoUnreadable);
    }
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const [pincode, receivedBy] = ['pincode', 'receivedBy'].map((name) => String(form.get(name) ?? '').trim());
    onStep({
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
          {said.pincode}
          <input name="pincode" inputMode="numeric" autocomplete="off" pattern="\d{4,8}" required />
        </label>
      )}
      <label>
        {said.receivedBy} <span class="hint">{said.optional}</span>
        <input name="receivedBy" maxLength={200} autocomplete="off" />
      </label>
      <label class={photo ? 'photo taken' : 'photo'}>
        {photo ? said.takeAnotherPhoto : said.takePhoto} <span class="hint">{photo ? '' : said.optional}</span>
        <input
          class="unseen"
          type="file"
          accept="image/*"
          capture="environment"
          onChange={(event) => void choose(event)}
        />
      </label>
      {address && <img src={address} alt={said.photoTaken} />}
      {fault && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <button class="primary big" type="submit">
        {said.delivered}
      </button>
    </form>
  );
}

/** For `<img src>`, as long as it is shown. */
function useAddress(picture: Blob | null): string | null {
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    if (picture === null) return;
    const given = URL.createObjectURL(picture);
    setAddress(given);
    return () => URL.revokeObjectURL(given);
  }, [picture]);
  return address;
}

import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { texts } from './language.ts';
import { shrink } from './shrink.ts';
import { SignaturePad } from './signature-pad.tsx';
import type { Brought, ProofName } from './steps.ts';

interface ProofFormProps {
  class?: string;
  label?: string;
  /** What is shown, in this order, and whether it goes without. */
  fields: readonly { part: ProofName; isRequired: boolean }[];
  onBrought: (brought: Brought) => void;
  /** What is said above. */
  children?: ComponentChildren;
  /** The buttons below; one of them submits. */
  buttons: ComponentChildren;
}

/** What a driver brings from the door: only what is shown here, and not without what is required. */
export function ProofForm({ class: kind = '', label, fields, onBrought, children, buttons }: ProofFormProps) {
  const [photo, setPhoto] = useState<Blob | null>(null);
  const [signature, setSignature] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const said = texts;
  const needs = (part: ProofName) => fields.some((field) => field.part === part && field.isRequired);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    // The browser asks for what is typed; it knows nothing of these.
    if (needs('photo') && photo === null) return setFault(said.photoNeeded);
    if (needs('signature') && signature === null) return setFault(said.signatureNeeded);
    const form = new FormData(event.currentTarget as HTMLFormElement);
    onBrought({ ...typedIn(form), ...(photo && { photo }), ...(signature && { signature }) });
  };
  return (
    <form class={`hand-over ${kind}`} {...(label && { 'aria-label': label })} onSubmit={submit}>
      {children}
      {fields.map(({ part, isRequired }) => {
        switch (part) {
          case 'photo':
            return <Photo key={part} photo={photo} isRequired={isRequired} onPhoto={setPhoto} onFault={setFault} />;
          case 'signature':
            return <SignaturePad key={part} onSigned={setSignature} />;
          case 'name':
          case 'note':
          case 'pin':
            return <Line key={part} part={part} isRequired={isRequired} />;
          default:
            return (
              <label key={part} class="check">
                <input name="age" type="checkbox" value={part.slice('age'.length)} required={isRequired} />
                {said.ageChecked(Number(part.slice('age'.length)))}
              </label>
            );
        }
      })}
      {fault && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      {buttons}
    </form>
  );
}

const NAMES = { pin: 'pincode', name: 'receivedBy', note: 'note' } as const;

/** Of several ages the highest that was checked. */
function typedIn(form: FormData): Brought {
  const [pincode, receivedBy, note] = [NAMES.pin, NAMES.name, NAMES.note].map((name) =>
    String(form.get(name) ?? '').trim(),
  );
  const ages = form.getAll('age').map(Number);
  return {
    ...(pincode && { pincode }),
    ...(receivedBy && { receivedBy }),
    ...(note && { note }),
    ...(ages.length > 0 && { ageChecked: Math.max(...ages) }),
  };
}

function Line({ part, isRequired }: { part: keyof typeof NAMES; isRequired: boolean }) {
  const said = texts;
  const words = { pin: said.pincode, name: said.receivedBy, note: said.whatHappened };
  const isCode = part === 'pin';
  return (
    <label>
      {words[part]} {!isRequired && <span class="hint">{said.optional}</span>}
      <input
        name={NAMES[part]}
        autocomplete="off"
        required={isRequired}
        maxLength={part === 'note' ? 500 : 200}
        {...(isCode && { inputMode: 'numeric', pattern: '\\d{4,8}' })}
      />
    </label>
  );
}

interface PhotoProps {
  photo: Blob | null;
  isRequired: boolean;
  onPhoto: (photo: Blob) => void;
  onFault: (fault: string | null) => void;
}

function Photo({ photo, isRequired, onPhoto, onFault }: PhotoProps) {
  const address = useAddress(photo);
  const said = texts;
  const choose = async (event: Event) => {
    const [file] = (event.currentTarget as HTMLInputElement).files ?? [];
    if (!file) return;
    try {
      onPhoto(await shrink(file));
      onFault(null);
    } catch {
      onFault(said.photoUnreadable);
    }
  };
  return (
    <>
      <label class={photo ? 'photo taken' : 'photo'}>
        {photo ? said.takeAnotherPhoto : said.takePhoto}{' '}
        <span class="hint">{photo || isRequired ? '' : said.optional}</span>
        <input
          class="unseen"
          type="file"
          accept="image/*"
          capture="environment"
          onChange={(event) => void choose(event)}
        />
      </label>
      {address && <img src={address} alt={said.photoTaken} />}
    </>
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

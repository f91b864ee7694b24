import { useEffect, useState } from 'preact/hooks';
import type { DeliveryView } from '#shared/contract/deliveries.ts';
import { PROOF_PARTS, type ProofPart } from '#shared/domain/proof.ts';
import { ask } from '#shared/pages/ask.ts';
import { listText } from '#shared/pages/spoken.ts';
import { usePicture } from '#shared/pages/use-picture.ts';
import type { Actions } from './actions.ts';
import { say } from './language.ts';

/** As the contract has it (`proof` of a step). */
interface Brought {
  photoUrl?: string;
  receivedBy?: string;
  note?: string;
  signature?: string;
  signatureUrl?: string;
  ageChecked?: number;
}

function partText(part: ProofPart): string {
  const { parts, older } = say().proofs;
  return part in parts ? parts[part as keyof typeof parts] : older(Number(part.slice('age'.length)));
}

/** What the driver brought from the door. */
export function Proof({ delivery }: { delivery: DeliveryView }) {
  const texts = say().delivery;
  const words = say().proofs;
  const { photoUrl, receivedBy, note, signature, signatureUrl, ageChecked } = (delivery.proof ?? {}) as Brought;
  const ours = photoUrl?.endsWith(`/v1/deliveries/${delivery.id}/proof`) ?? false;
  const picture = usePicture(ours ? `/v1/deliveries/${delivery.id}/proof` : null);
  const isNone = Object.keys(delivery.proof ?? {}).length === 0;
  if (isNone && delivery.status !== 'DELIVERED') return null;
  return (
    <section aria-label={texts.proof}>
      <h3>{texts.proof}</h3>
      {receivedBy && <p>{texts.receivedBy(receivedBy)}</p>}
      {ageChecked && <p>{words.ageChecked(ageChecked)}</p>}
      {note && <p>{note}</p>}
      {signature && (
        <svg class="signature" role="img" aria-label={words.parts.signature} viewBox="0 0 300 150">
          <path d={signature} />
        </svg>
      )}
      {signatureUrl && <Elsewhere url={signatureUrl} name={words.parts.signature} />}
      {picture && <img class="proof" src={picture} alt={texts.proofPhoto} />}
      {photoUrl && !ours && <Elsewhere url={photoUrl} name={texts.photo} />}
      {isNone && <p class="hint">{delivery.pincodeRequired ? texts.pincodeGiven : texts.noneAsked}</p>}
    </section>
  );
}

function Elsewhere({ url, name }: { url: string; name: string }) {
  return (
    <p>
      <a href={url} target="_blank" rel="noreferrer">
        {name}
      </a>
    </p>
  );
}

/** What is asked at the door of this delivery; a dispatcher may ask for something else. */
export function ProofAsked({ delivery, actions }: { delivery: DeliveryView; actions: Actions | null }) {
  const [asked, setAsked] = useState<readonly ProofPart[] | null>(null);
  const [isOpen, setOpen] = useState(false);
  const { id, version } = delivery;
  useEffect(() => {
    let gone = false;
    ask<{ proofAsked: { delivered: readonly ProofPart[] } }>('GET', `/v1/deliveries/${id}`).then(
      ({ proofAsked }) => gone || setAsked(proofAsked.delivered),
      () => {},
    );
    return () => {
      gone = true;
    };
  }, [id, version]);
  if (asked === null) return null;
  const words = say().proofs;
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    void actions?.askProof(id, form.getAll('part') as ProofPart[]).then((isDone) => isDone && setOpen(false));
  };
  return (
    <section aria-label={words.asked}>
      <p>
        {words.asked}: {asked.length === 0 ? words.nothing : listText(asked.map((part) => partText(part)))}{' '}
        {actions && !isOpen && (
          <button type="button" onClick={() => setOpen(true)}>
            {words.change}
          </button>
        )}
      </p>
      {isOpen && (
        <form class="buttons" aria-label={words.change} onSubmit={submit}>
          {PROOF_PARTS.map((part) => (
            <label key={part}>
              <input type="checkbox" name="part" value={part} defaultChecked={asked.includes(part)} /> {partText(part)}
            </label>
          ))}
          <button type="submit">{words.set}</button>
        </form>
      )}
    </section>
  );
}

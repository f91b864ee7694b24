import { PROOF_PARTS } from '#shared/domain/proof.ts';
import { focusHere } from '#shared/pages/focus-here.ts';
import type { KnownDelivery } from './changes.ts';
import { texts } from './language.ts';
import { ProofForm } from './proof-form.tsx';
import type { Brought, ProofName } from './steps.ts';

/** Offered also where it is not asked for. */
const ALWAYS: readonly ProofName[] = ['name', 'photo'];

interface HandOverProps {
  delivery: KnownDelivery | undefined;
  /** Somebody else takes it in: who, has to be known. */
  isNeighbour?: boolean;
  onBrought: (brought: Brought) => void;
  onBack?: () => void;
}

/** What proves that it was handed over, and that it was. */
export function HandOver({ delivery, isNeighbour = false, onBrought, onBack }: HandOverProps) {
  const said = texts;
  const asked: readonly ProofName[] = [
    ...(delivery?.pincodeRequired ? (['pin'] as const) : []),
    // What this phone kept before shops could ask does not say.
    ...(delivery?.proofAsked?.delivered ?? []),
    ...(isNeighbour ? (['name'] as const) : []),
  ];
  const fields = (['pin', ...PROOF_PARTS] as const)
    .filter((part) => asked.includes(part) || ALWAYS.includes(part))
    .map((part) => ({ part, isRequired: asked.includes(part) }));
  return (
    <ProofForm
      fields={fields}
      onBrought={onBrought}
      buttons={
        <>
          <button class="primary big" type="submit">
            {isNeighbour ? said.leftWithNeighbour : said.delivered}
          </button>
          {onBack && (
            <button class="quiet" type="button" onClick={onBack}>
              {texts.back}
            </button>
          )}
        </>
      }
    >
      {isNeighbour && (
        <p tabIndex={-1} ref={focusHere}>
          {said.neighbourHint}
        </p>
      )}
    </ProofForm>
  );
}

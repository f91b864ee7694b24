import { texts } from './language.ts';

/** What the driver asks for at the door, in digits that can be read out. */
export function Pincode({ code }: { code: string }) {
  return (
    <section class="card" aria-label={texts.pincode}>
      <h2>{texts.pincode}</h2>
      <p class="code" dir="ltr">
        {code}
      </p>
      <p class="hint">{texts.pincodeWhy}</p>
    </section>
  );
}

import { useEffect, useState } from 'preact/hooks';
import type { ListedKeyView } from '#shared/contract/shop-answers.ts';
import { ask } from '#shared/pages/ask.ts';
import { refusalText } from '#shared/pages/refusal-text.ts';
import { momentText } from '#shared/pages/spoken.ts';
import type { Notice } from './actions.ts';
import { say } from './language.ts';

const DAY_S = 86_400;

/** The shop's keys: which there are, when they were last used, and how to make and withdraw them. */
export function Keys({ shopId, notify }: { shopId: string; notify: (notice: Notice) => void }) {
  const [keys, setKeys] = useState<readonly ListedKeyView[] | null>(null);
  const [made, setMade] = useState<string | null>(null);
  const path = `/v1/shops/${shopId}/keys`;
  /** @returns whether it was done, also where the list could not be read after it */
  const attempt = async (work: () => Promise<void>) => {
    let isDone = false;
    try {
      await work();
      isDone = true;
      setKeys((await ask<{ items: ListedKeyView[] }>('GET', path)).items);
    } catch (error) {
      notify({ text: refusalText(error, say().faults), bad: true });
    }
    return isDone;
  };
  useEffect(() => void attempt(async () => {}), [shopId]);
  const make = (form: FormData) =>
    attempt(async () => {
      const days = Number(form.get('days'));
      const body = {
        name: String(form.get('name')),
        scopes: [String(form.get('scope'))],
        ...(days > 0 && { expiresInS: days * DAY_S }),
      };
      setMade((await ask<{ key: string }>('POST', path, { body })).key);
    });
  const revoke = ({ keyId, name }: ListedKeyView) =>
    confirm(say().keys.reallyWithdraw(name)) &&
    void attempt(async () => {
      await ask('DELETE', `${path}/${keyId}`);
      notify({ text: say().keys.withdrawn(name), bad: false });
    });
  if (keys === null) return <p class="nothing">{say().oneMoment}</p>;
  return (
    <section aria-labelledby="keys-title">
      <h2 id="keys-title">{say().keys.title}</h2>
      {made && (
        <p role="status">
          {say().keys.made} <code>{made}</code>
        </p>
      )}
      <NewKey onMake={make} />
      <ul class="rows">
        {keys
          .filter(({ revokedAt }) => revokedAt === null)
          .map((key) => (
            <li key={key.keyId}>
              <span class="what">
                <b>{key.name}</b>
              </span>
              <span class="side">{key.scopes.join(', ')}</span>
              <span class="more-words">{wordsOf(key)}</span>
              <button type="button" onClick={() => revoke(key)}>
                {say().keys.withdraw}
              </button>
            </li>
          ))}
      </ul>
    </section>
  );
}

function wordsOf({ keyId, createdAt, lastUsedAt, expiresAt }: ListedKeyView): string {
  const texts = say().keys;
  const now = Date.now();
  const used = lastUsedAt === null ? texts.neverUsed : texts.usedAbout(momentText(lastUsedAt, now));
  const ends = expiresAt === null ? '' : ` · ${texts.ends(momentText(expiresAt, now))}`;
  return `${keyId} · ${texts.madeAt(momentText(createdAt, now))} · ${used}${ends}`;
}

/** @param onMake answers whether it was made: what was typed for one that was not stays */
function NewKey({ onMake }: { onMake: (form: FormData) => Promise<boolean> }) {
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    void onMake(new FormData(form)).then((isMade) => isMade && form.reset());
  };
  return (
    <form class="buttons" aria-label={say().keys.fresh} onSubmit={submit}>
      <label>
        {say().keys.whatFor}
        <input name="name" maxLength={200} required />
      </label>
      <label>
        {say().keys.may}
        <select name="scope">
          {Object.entries(say().keys.scopes).map(([scope, means]) => (
            <option key={scope} value={scope}>
              {scope}: {means}
            </option>
          ))}
        </select>
      </label>
      <label>
        {say().keys.days} <span class="hint">{say().keys.daysHint}</span>
        <input name="days" inputMode="numeric" pattern="[1-9]\d{0,3}" />
      </label>
      <button class="primary" type="submit">
        {say().keys.make}
      </button>
    </form>
  );
}

import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { TrackingView } from '#shared/contract/tracking.ts';
import { hasFailed } from '#shared/domain/delivery.ts';
import '#shared/pages/base.css';
import { ask } from '#shared/pages/ask.ts';
import { speakHere } from '#shared/pages/speak-here.ts';
import { momentText, timeText } from '#shared/pages/spoken.ts';
import { usePicture } from '#shared/pages/use-picture.ts';
import { sentence } from '#shared/pages/words.ts';
import { afterFailure, isForGood, type State } from './after-failure.ts';
import { Before, Eta } from './arrival.tsx';
import { Instructions } from './instructions.tsx';
import { texts } from './language.ts';
import { Pincode } from './pincode.tsx';
import { Rating } from './rating.tsx';
import { brandOf, Calls, Shop } from './shop.tsx';
import { openTrackMap, type TrackMap } from './track-map.ts';
import './main.css';

const EVERY_MS = 5_000;
const token = location.pathname.split('/').pop() ?? '';

/** @throws Refusal */
const put = (what: string, body: unknown) => ask<TrackingView>('PUT', `/v1/track/${token}/${what}`, { body });

function Track() {
  const [state, show] = useTracking();
  if (state.kind === 'asking' || state.kind === 'away')
    return (
      <main class="alone">
        <p role="status">{state.kind === 'asking' ? texts.oneMoment : texts.noAnswer}</p>
      </main>
    );
  if (state.kind === 'gone') {
    return (
      <main class="alone">
        <h1>{texts.nowhere}</h1>
        <p>{texts.nowhereWhy}</p>
      </main>
    );
  }
  const { tracking, stale } = state;
  return (
    <main class="track" style={brandOf(tracking.page)}>
      <Shop name={tracking.shop} page={tracking.page} />
      <header>
        {tracking.reference && <p class="from">{texts.order(tracking.reference)}</p>}
        <h1 aria-live="polite">{headline(tracking)}</h1>
        <Next status={tracking.status} />
        <Eta tracking={tracking} />
        <Before tracking={tracking} />
        {stale && (
          <p class="hint" role="status">
            {texts.stale}
          </p>
        )}
      </header>
      {tracking.pincode && <Pincode code={tracking.pincode} />}
      {tracking.driver && <Way tracking={tracking} />}
      <Calls tracking={tracking} />
      {tracking.status === 'DELIVERED' && (
        <Rating said={tracking.rating} onSend={async (body) => show(await put('rating', body))} />
      )}
      <Steps tracking={tracking} />
      <Instructions said={tracking.instructions} onSave={async (body) => show(await put('instructions', body))} />
      {tracking.proof && <Proof tracking={tracking} />}
    </main>
  );
}

/** What is known, asked for again and again, and a way to show what came as an answer in between. */
function useTracking(): [State, (tracking: TrackingView) => void] {
  const [state, setState] = useState<State>({ kind: 'asking' });
  const changedAtMs = useRef(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      const askedAtMs = performance.now();
      try {
        const tracking = await ask<TrackingView>('GET', `/v1/track/${token}`);
        // What was asked for before a change may have been read before it too.
        if (askedAtMs > changedAtMs.current) setState({ kind: 'known', tracking, stale: false });
      } catch (error) {
        setState((known) => afterFailure(known, error));
        if (isForGood(error)) return;
      }
      timer = setTimeout(() => void look(), EVERY_MS);
    };
    void look();
    return () => clearTimeout(timer);
  }, []);
  const show = (tracking: TrackingView) => {
    changedAtMs.current = performance.now();
    setState({ kind: 'known', tracking, stale: false });
  };
  return [state, show];
}

function headline({ status, driver, expected }: TrackingView): string {
  const said = texts;
  switch (status) {
    case 'PENDING':
      return expected === null ? said.findingDriver : said.planned;
    case 'ASSIGNED':
      return said.pickingUp;
    case 'DELIVERED':
      return said.delivered;
    case 'CANCELLED':
      return said.cancelled;
  }
  if (hasFailed(status)) return said.notDelivered;
  return driver ? said.driverOnTheWay(driver.firstName) : said.onTheWay;
}

/** Where it did not go well: what comes next, and who is to be asked. */
function Next({ status }: Pick<TrackingView, 'status'>) {
  const said = texts;
  const next = { CANCELLED: said.cancelledNext, FAILED: said.failedNext, RETURNED: said.returnedNext };
  return Object.hasOwn(next, status) ? <p class="next">{next[status as keyof typeof next]}</p> : null;
}

function Steps({ tracking: { status, steps } }: { tracking: TrackingView }) {
  const said = texts.stepNames;
  const ended =
    status === 'CANCELLED'
      ? said.cancelled
      : status === 'DELIVERED' || steps.endedAt === null
        ? said.delivered
        : said.notDelivered;
  const all = [
    { name: said.ordered, at: steps.orderedAt },
    { name: said.driverFound, at: status === 'PENDING' ? null : steps.assignedAt },
    { name: said.onTheWay, at: steps.pickedUpAt },
    { name: ended, at: steps.endedAt },
  ].filter(({ at, name }) => at !== null || steps.endedAt === null || name === ended);
  const present = all.findLastIndex(({ at }) => at !== null);
  return (
    <ol class="steps" aria-label={texts.steps}>
      {all.map(({ name, at }, place) => (
        <li key={name} class={at === null ? 'ahead' : 'done'} aria-current={place === present ? 'step' : undefined}>
          <span>{name}</span>
          {at && <time dateTime={at}>{momentText(at, Date.now())}</time>}
        </li>
      ))}
    </ol>
  );
}

function Way({ tracking }: { tracking: TrackingView }) {
  const element = useRef<HTMLDivElement>(null);
  const map = useRef<TrackMap | null>(null);
  const { driver } = tracking;
  useEffect(() => {
    map.current = openTrackMap(element.current!);
    return () => map.current?.close();
  }, []);
  useEffect(() => map.current?.show(tracking), [tracking]);
  return (
    <section aria-label={texts.where}>
      <div class="ground" ref={element} />
      <p class="hint">
        {driver?.vehicle && `${vehicleText(driver.vehicle)} · `}
        {driver?.seenAt ? texts.positionOf(timeText(driver.seenAt, true)) : texts.positionUnknown}
      </p>
    </section>
  );
}

function vehicleText(vehicle: string): string {
  const { vehicles } = texts;
  return Object.hasOwn(vehicles, vehicle) ? vehicles[vehicle as keyof typeof vehicles] : sentence(vehicle);
}

function Proof({ tracking: { proof } }: { tracking: TrackingView }) {
  const picture = usePicture(proof?.hasPhoto ? `/v1/track/${token}/photo` : null);
  if (!proof?.receivedBy && !picture) return null;
  return (
    <section aria-label={texts.proof}>
      {proof?.receivedBy && (
        <p>
          {texts.receivedBy} <b>{proof.receivedBy}</b>
        </p>
      )}
      {picture && <img class="proof" src={picture} alt={texts.parcelPhoto} />}
    </section>
  );
}

speakHere(null);
render(<Track />, document.getElementById('app')!);

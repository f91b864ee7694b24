import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { TrackingView } from '#shared/contract/tracking.ts';
import '#shared/pages/base.css';
import { ask, Refusal } from '#shared/pages/ask.ts';
import { usePicture } from '#shared/pages/use-picture.ts';
import { momentText, sentence, timeText } from '#shared/pages/words.ts';
import { openTrackMap, type TrackMap } from './track-map.ts';
import './main.css';

const EVERY_MS = 5_000;
const token = location.pathname.split('/').pop() ?? '';

type State = { kind: 'asking' } | { kind: 'gone' } | { kind: 'known'; tracking: TrackingView; stale: boolean };

function Track() {
  const state = useTracking();
  if (state.kind === 'asking')
    return (
      <main class="alone">
        <p>One moment …</p>
      </main>
    );
  if (state.kind === 'gone') {
    return (
      <main class="alone">
        <h1>This link does not lead anywhere</h1>
        <p>It is not valid, or the delivery ended more than a day ago.</p>
      </main>
    );
  }
  const { tracking, stale } = state;
  return (
    <main class="track">
      <header>
        <p class="from">
          {tracking.shop}
          {tracking.reference ? ` · Order ${tracking.reference}` : ''}
        </p>
        <h1 aria-live="polite">{headline(tracking)}</h1>
        <Eta tracking={tracking} />
        <Before tracking={tracking} />
        {stale && (
          <p class="hint" role="status">
            No connection: this may be old. Trying again …
          </p>
        )}
      </header>
      <Steps tracking={tracking} />
      {tracking.driver && <Way tracking={tracking} />}
      {tracking.proof && <Proof tracking={tracking} />}
    </main>
  );
}

function useTracking(): State {
  const [state, setState] = useState<State>({ kind: 'asking' });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const look = async () => {
      try {
        const tracking = await ask<TrackingView>('GET', `/v1/track/${token}`);
        setState({ kind: 'known', tracking, stale: false });
      } catch (error) {
        const gone = error instanceof Refusal && error.status === 404;
        setState((known) => (gone ? { kind: 'gone' } : known.kind === 'known' ? { ...known, stale: true } : known));
        if (gone) return;
      }
      timer = setTimeout(() => void look(), EVERY_MS);
    };
    void look();
    return () => clearTimeout(timer);
  }, []);
  return state;
}

function headline({ status, driver, expected }: TrackingView): string {
  switch (status) {
    case 'PENDING':
      return expected === null ? 'We are finding a driver for your order' : 'Your delivery is planned';
    case 'ASSIGNED':
      return 'A driver is picking up your order';
    case 'PICKED_UP':
    case 'IN_TRANSIT':
      return driver ? `${driver.firstName} is on the way to you` : 'Your order is on the way';
    case 'DELIVERED':
      return 'Your order has been delivered';
    case 'CANCELLED':
      return 'This delivery was cancelled';
    default:
      return 'Your order could not be delivered';
  }
}

function Eta({ tracking: { eta, expected, steps, status } }: { tracking: TrackingView }) {
  if (expected) return <Expected expected={expected} />;
  if (eta) {
    return (
      <p class="eta">
        Arrives about <b>{timeText(eta.at)}</b>
        <span class="hint">{eta.source === 'routing' ? ' by the routes of the town' : ' by estimate'}</span>
      </p>
    );
  }
  return steps.endedAt && status === 'DELIVERED' ? (
    <p class="eta">
      at <b>{momentText(steps.endedAt, Date.now())}</b>
    </p>
  ) : null;
}

/** No promise to the minute: nobody has been told to bring it yet. */
function Expected({ expected: { from, to } }: { expected: NonNullable<TrackingView['expected']> }) {
  const moment = (at: string) => <b>{momentText(at, Date.now())}</b>;
  if (from === null || to === null) {
    return (
      <p class="eta">
        Expected {from === null ? 'before ' : 'after '}
        {moment((from ?? to)!)}
      </p>
    );
  }
  const sameDay = new Date(from).toDateString() === new Date(to).toDateString();
  return (
    <p class="eta">
      Expected {moment(from)} to {sameDay ? <b>{timeText(to)}</b> : moment(to)}
    </p>
  );
}

/** Stops of others that the driver makes first. */
function Before({ tracking: { stopsBefore, status } }: { tracking: TrackingView }) {
  if (!stopsBefore) return null;
  const stops = stopsBefore === 1 ? '1 stop' : `${stopsBefore} stops`;
  return (
    <p class="before">{status === 'ASSIGNED' ? `${stops} before your order is collected` : `${stops} before you`}</p>
  );
}

function Steps({ tracking: { status, steps } }: { tracking: TrackingView }) {
  const ended =
    status === 'DELIVERED'
      ? 'Delivered'
      : status === 'CANCELLED'
        ? 'Cancelled'
        : steps.endedAt
          ? 'Not delivered'
          : 'Delivered';
  const all = [
    { name: 'Ordered', at: steps.orderedAt },
    { name: 'Driver found', at: status === 'PENDING' ? null : steps.assignedAt },
    { name: 'On the way', at: steps.pickedUpAt },
    { name: ended, at: steps.endedAt },
  ].filter(({ at, name }) => at !== null || steps.endedAt === null || name === ended);
  const present = all.findLastIndex(({ at }) => at !== null);
  return (
    <ol class="steps" aria-label="Steps">
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
    <section aria-label="Where your order is">
      <div class="ground" ref={element} />
      <p class="hint">
        {driver?.vehicle && `${sentence(driver.vehicle)} · `}
        {driver?.seenAt ? `position of ${timeText(driver.seenAt, true)}` : 'position not known at the moment'}
      </p>
    </section>
  );
}

function Proof({ tracking: { proof } }: { tracking: TrackingView }) {
  const picture = usePicture(proof?.hasPhoto ? `/v1/track/${token}/photo` : null);
  if (!proof?.receivedBy && !picture) return null;
  return (
    <section aria-label="Proof of delivery">
      {proof?.receivedBy && (
        <p>
          Received by <b>{proof.receivedBy}</b>
        </p>
      )}
      {picture && <img class="proof" src={picture} alt="Your parcel where it was handed over" />}
    </section>
  );
}

render(<Track />, document.getElementById('app')!);

import type { TrackingView } from '#shared/contract/tracking.ts';
import { momentText, timeText } from '#shared/pages/spoken.ts';
import { texts } from './language.ts';
import { arrivalWindow } from './window.ts';

/** When it comes, or came. */
export function Eta({ tracking: { eta, expected, steps, status } }: { tracking: TrackingView }) {
  if (expected) return <Expected expected={expected} />;
  if (eta) return <Arrival eta={eta} />;
  return steps.endedAt && status === 'DELIVERED' ? (
    <p class="eta">
      {texts.at} <b>{momentText(steps.endedAt, Date.now())}</b>
    </p>
  ) : null;
}

function Arrival({ eta: { at, source } }: { eta: NonNullable<TrackingView['eta']> }) {
  const said = texts;
  const window = arrivalWindow(Date.parse(at), source, Date.now());
  const by = <span class="hint">{source === 'routing' ? said.byRoutes : said.byEstimate}</span>;
  if (window === null)
    return (
      <p class="eta">
        {said.arrivesSoon} {by}
      </p>
    );
  return (
    <p class="eta">
      {said.arrivesBetween} <b>{timeText(window.fromMs)}</b> {said.and} <b>{timeText(window.toMs)}</b> {by}
    </p>
  );
}

/** No promise to the minute: nobody has been told to bring it yet. */
function Expected({ expected: { from, to } }: { expected: NonNullable<TrackingView['expected']> }) {
  const said = texts;
  const moment = (at: string) => <b>{momentText(at, Date.now())}</b>;
  if (from === null || to === null) {
    return (
      <p class="eta">
        {said.expected} {from === null ? said.before : said.after} {moment((from ?? to)!)}
      </p>
    );
  }
  const sameDay = new Date(from).toDateString() === new Date(to).toDateString();
  return (
    <p class="eta">
      {said.expected} {moment(from)} {said.to} {sameDay ? <b>{timeText(to)}</b> : moment(to)}
    </p>
  );
}

/** Stops of others that the driver makes first. */
export function Before({ tracking: { stopsBefore, status } }: { tracking: TrackingView }) {
  if (!stopsBefore) return null;
  const { stopsBeforePickup, stopsBeforeYou } = texts;
  return <p class="before">{(status === 'ASSIGNED' ? stopsBeforePickup : stopsBeforeYou)(stopsBefore)}</p>;
}

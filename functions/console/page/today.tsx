import { useEffect, useState } from 'preact/hooks';
import type { StatsView } from '#shared/contract/live.ts';
import { ask } from '#shared/pages/ask.ts';
import { durationText, timeText } from '#shared/pages/spoken.ts';
import { codeText, say } from './language.ts';
import { Ratings, starsText } from './rating.tsx';
import type { Store } from './store.ts';

const AGAIN_MS = 10_000;
const HOUR_MS = 3_600_000;

export function Today({ store }: { store: Store }) {
  const numbers = useNumbers();
  if (numbers === null) return <p class="nothing">{say().oneMoment}</p>;
  const texts = say().today;
  const failed = numbers.failed.reduce((sum, { count }) => sum + count, 0);
  const median = (seconds: number | null) => (seconds === null ? '–' : durationText(seconds));
  return (
    <section aria-labelledby="today-title" class="today">
      <h2 id="today-title">{texts.title}</h2>
      <dl class="cards">
        <Card name={texts.waiting} value={numbers.waiting} />
        <Card name={texts.withDrivers} value={numbers.onTheWay} />
        <Card name={texts.delivered} value={numbers.delivered} />
        <Card name={texts.failed} value={failed} />
        <Card name={texts.cancelled} value={numbers.cancelled} />
        <Card name={texts.ordered} value={numbers.created} />
        <Card
          name={say().ratings.title}
          value={starsText(numbers.ratings.average)}
          note={say().ratings.of(numbers.ratings.count)}
        />
        <Card name={texts.orderToDriver} value={median(numbers.medianAssignS)} note={texts.median} />
        <Card name={texts.orderToDoor} value={median(numbers.medianDeliverS)} note={texts.median} />
      </dl>
      <h3>{texts.hours}</h3>
      <Hours hours={numbers.hours} />
      {numbers.ratings.count > 0 && <Ratings store={store} ratings={numbers.ratings} />}
      <h3>{texts.whyFailed}</h3>
      {failed === 0 ? <p class="nothing">{texts.noneFailed}</p> : <Reasons failed={numbers.failed} />}
    </section>
  );
}

function useNumbers(): StatsView | null {
  const [numbers, setNumbers] = useState<StatsView | null>(null);
  useEffect(() => {
    const look = () => {
      const midnight = new Date();
      midnight.setHours(0, 0, 0, 0);
      void ask<StatsView>('GET', `/v1/numbers?since=${midnight.toISOString()}`).then(setNumbers, () => {});
    };
    look();
    const timer = setInterval(look, AGAIN_MS);
    return () => clearInterval(timer);
  }, []);
  return numbers;
}

function Card({ name, value, note }: { name: string; value: number | string; note?: string }) {
  return (
    <div>
      <dt>
        {name}
        {note && <span class="hint"> {note}</span>}
      </dt>
      <dd>{value}</dd>
    </div>
  );
}

const [WIDTH, HEIGHT, FOOT] = [320, 120, 16];

/** Two bars an hour, from the first hour of the day that had any; the same numbers as a table for who cannot see them. */
function Hours({ hours }: Pick<StatsView, 'hours'>) {
  if (hours.length === 0) return <p class="nothing">{say().today.nothingYet}</p>;
  const first = Date.parse(hours[0]!.hour);
  const count = Math.max(6, Math.round((Date.parse(hours.at(-1)!.hour) - first) / HOUR_MS) + 1);
  const most = Math.max(1, ...hours.flatMap(({ created, delivered }) => [created, delivered]));
  const step = WIDTH / count;
  const high = (value: number) => (value / most) * (HEIGHT - FOOT - 12);
  return (
    <figure class="hours">
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden="true">
        <line class="axis" x1="0" x2={WIDTH} y1={HEIGHT - FOOT} y2={HEIGHT - FOOT} />
        {Array.from({ length: count }, (_, place) => {
          const at = first + place * HOUR_MS;
          const hour = hours.find((each) => Date.parse(each.hour) === at);
          const [created, delivered] = [high(hour?.created ?? 0), high(hour?.delivered ?? 0)];
          const x = place * step;
          return (
            <g key={at}>
              <rect
                class="created"
                x={x + step * 0.14}
                width={step * 0.34}
                y={HEIGHT - FOOT - created}
                height={created}
              />
              <rect
                class="delivered"
                x={x + step * 0.52}
                width={step * 0.34}
                y={HEIGHT - FOOT - delivered}
                height={delivered}
              />
              {(count <= 8 || place % 3 === 0) && (
                <text x={x + step / 2} y={HEIGHT - 4}>
                  {timeText(at)}
                </text>
              )}
            </g>
          );
        })}
        <text class="top" x="2" y="9">
          {most}
        </text>
      </svg>
      <figcaption>
        <span class="created">{say().today.ordered}</span> <span class="delivered">{say().today.delivered}</span>
      </figcaption>
      <div class="unseen">
        <table>
          <caption>{say().today.byHour}</caption>
          <thead>
            <tr>
              <th>{say().today.hour}</th>
              <th>{say().today.ordered}</th>
              <th>{say().today.delivered}</th>
            </tr>
          </thead>
          <tbody>
            {hours.map(({ hour, created, delivered }) => (
              <tr key={hour}>
                <td>{timeText(hour)}</td>
                <td>{created}</td>
                <td>{delivered}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </figure>
  );
}

function Reasons({ failed }: Pick<StatsView, 'failed'>) {
  const most = Math.max(...failed.map(({ count }) => count));
  return (
    <ul class="reasons">
      {failed.map(({ code, count }) => (
        <li key={code}>
          <span>{codeText(code)}</span>
          <meter min={0} max={most} value={count}>
            {count}
          </meter>
          <b>{count}</b>
        </li>
      ))}
    </ul>
  );
}

import { useState } from 'preact/hooks';
import qrcode from 'qrcode-generator';
import type { DriverView } from '#shared/contract/drivers.ts';
import { ask } from '#shared/pages/ask.ts';
import { sentence, statusText } from '#shared/pages/words.ts';
import type { Actions } from './actions.ts';
import { Badge } from './badge.tsx';
import { freshness } from './driver-list.tsx';
import { DriverRoute } from './driver-route.tsx';
import { isOpen, type Store } from './store.ts';

const DUTIES = ['AVAILABLE', 'BUSY', 'OFFLINE'] as const;

export function DriverPage({ store, driver, actions }: { store: Store; driver: DriverView; actions: Actions }) {
  const held = [...store.deliveries.values()].filter((delivery) => delivery.driverId === driver.id);
  const ended = held.filter((delivery) => !isOpen(delivery)).length;
  return (
    <article class="detail" aria-labelledby="driver-title">
      <p>
        <a class="back" href="#/drivers">
          ← Drivers
        </a>
      </p>
      <h2 id="driver-title">
        {driver.name} <Badge status={driver.status} />
      </h2>
      <dl class="facts">
        <dt>In hand</dt>
        <dd>
          {driver.load} of {driver.capacity}
        </dd>
        <dt>Ended lately</dt>
        <dd>{ended}</dd>
        <dt>Vehicle</dt>
        <dd>{driver.vehicle === null ? '–' : sentence(driver.vehicle)}</dd>
        <dt>Phone</dt>
        <dd>{driver.phone === null ? '–' : <a href={`tel:${driver.phone}`}>{driver.phone}</a>}</dd>
        <dt>Position</dt>
        <dd>{freshness(driver, store.seen.get(driver.id)) || 'Not known'}</dd>
      </dl>
      {store.session.mayDispatch && (
        <fieldset class="buttons">
          <legend>Say that this driver is</legend>
          {DUTIES.map((duty) => (
            <button
              key={duty}
              type="button"
              aria-pressed={driver.status === duty}
              onClick={() => void actions.setDuty(driver.id, duty)}
            >
              {statusText(duty)}
            </button>
          ))}
        </fieldset>
      )}
      <DriverRoute store={store} driver={driver} actions={actions} />
      {store.session.mayDispatch && <PhoneLink driver={driver} />}
    </article>
  );
}

/** The link that logs the driver's phone in. The token is behind the `#`, which no server and no log gets to see. */
function PhoneLink({ driver }: { driver: DriverView }) {
  const [link, setLink] = useState<string | null>(null);
  const [fault, setFault] = useState<string | null>(null);
  const make = async () => {
    try {
      const { token } = await ask<{ token: string }>('POST', `/v1/drivers/${driver.id}/tokens`, { body: {} });
      setLink(`${location.origin}/drive#token=${token}`);
    } catch (error) {
      setFault(error instanceof Error ? error.message : 'That did not work');
    }
  };
  return (
    <section aria-label="The driver’s phone">
      <h3>The driver’s phone</h3>
      {link === null ? (
        <button type="button" onClick={() => void make()}>
          Show link and QR code
        </button>
      ) : (
        <>
          <Code text={link} label={`QR code that logs in ${driver.name}`} />
          <p class="buttons">
            <button type="button" onClick={() => void navigator.clipboard?.writeText(link)}>
              Copy link
            </button>
            <a href={link} target="_blank" rel="noreferrer">
              Open here
            </a>
          </p>
          <p class="hint">Whoever has this link is {driver.name} for 30 days.</p>
        </>
      )}
      {fault && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
    </section>
  );
}

function Code({ text, label }: { text: string; label: string }) {
  const code = qrcode(0, 'L');
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  const squares: string[] = [];
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1)
      if (code.isDark(row, column)) squares.push(`M${column + 4} ${row + 4}h1v1h-1z`);
  }
  return (
    <svg class="qr" viewBox={`0 0 ${size + 8} ${size + 8}`} role="img" aria-label={label} shape-rendering="crispEdges">
      <rect width="100%" height="100%" fill="#fff" />
      <path d={squares.join('')} fill="#000" />
    </svg>
  );
}

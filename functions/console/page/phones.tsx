import { useEffect, useState } from 'preact/hooks';
import qrcode from 'qrcode-generator';
import type { DeviceView } from '#shared/contract/answers.ts';
import type { DriverView } from '#shared/contract/drivers.ts';
import { ask } from '#shared/pages/ask.ts';
import { momentText, timeText } from '#shared/pages/words.ts';

interface Pairing {
  code: string;
  path: string;
  expiresAt: string;
}

/** The driver's phones: which there are, how one is taken away, and the code that makes another one theirs. */
export function Phones({ driver }: { driver: DriverView }) {
  const [pairing, setPairing] = useState<Pairing | null>(null);
  const [devices, setDevices] = useState<readonly DeviceView[]>([]);
  const [fault, setFault] = useState<string | null>(null);
  const path = `/v1/drivers/${driver.id}`;
  const attempt = async (work: () => Promise<void>) => {
    try {
      await work();
      const { items } = await ask<{ items: DeviceView[] }>('GET', `${path}/devices`);
      setDevices(items.filter(({ withdrawnAt, expiresAt }) => !withdrawnAt && Date.parse(expiresAt) > Date.now()));
      setFault(null);
    } catch (error) {
      setFault(error instanceof Error ? error.message : 'That did not work');
    }
  };
  useEffect(() => void attempt(async () => {}), [driver.id]);
  const make = () => attempt(async () => setPairing(await ask<Pairing>('POST', `${path}/pairings`, { body: {} })));
  const withdraw = ({ id, name }: DeviceView) =>
    confirm(`Withdraw "${name}"? It stops being ${driver.name}'s within 10 seconds.`) &&
    void attempt(async () => {
      await ask('DELETE', `${path}/devices/${id}`);
    });
  return (
    <section aria-label="The driver’s phone">
      <h3>The driver’s phone</h3>
      <button type="button" onClick={() => void make()}>
        {pairing === null ? 'Show link and QR code' : 'Show another code'}
      </button>
      {pairing && <Link pairing={pairing} driver={driver} />}
      {fault && (
        <p class="fault" role="alert">
          {fault}
        </p>
      )}
      <ul class="rows">
        {devices.map((device) => (
          <li key={device.id}>
            <span class="what">
              <b>{device.name}</b>
            </span>
            <span class="more-words">
              since {momentText(device.createdAt, Date.now())}, until {momentText(device.expiresAt, Date.now())}
            </span>
            <button type="button" onClick={() => withdraw(device)}>
              Withdraw
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The code is behind the `#`, which no server and no log gets to see. */
function Link({ pairing, driver }: { pairing: Pairing; driver: DriverView }) {
  const link = `${location.origin}${pairing.path}`;
  return (
    <>
      <Code text={link} label={`QR code that logs in ${driver.name}`} />
      <p>
        Code <code class="pairing">{pairing.code.replace(/^(.{5})/, '$1 ')}</code>
      </p>
      <p class="buttons">
        <button type="button" onClick={() => void navigator.clipboard?.writeText(link)}>
          Copy link
        </button>
        <a href={link} target="_blank" rel="noreferrer">
          Open here
        </a>
      </p>
      <p class="hint">
        Works once, until {timeText(pairing.expiresAt)}. The phone that opens it is {driver.name}’s for 30 days.
      </p>
    </>
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

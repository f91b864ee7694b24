import { useEffect, useState } from 'preact/hooks';
import qrcode from 'qrcode-generator';
import type { DeviceView } from '#shared/contract/answers.ts';
import type { DriverView } from '#shared/contract/drivers.ts';
import { ask } from '#shared/pages/ask.ts';
import { refusalText } from '#shared/pages/refusal-text.ts';
import { momentText, timeText } from '#shared/pages/spoken.ts';
import { say } from './language.ts';

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
      setFault(refusalText(error, say().faults));
    }
  };
  useEffect(() => void attempt(async () => {}), [driver.id]);
  const make = () => attempt(async () => setPairing(await ask<Pairing>('POST', `${path}/pairings`, { body: {} })));
  const withdraw = ({ id, name }: DeviceView) =>
    confirm(say().phones.reallyWithdraw(name, driver.name)) &&
    void attempt(async () => {
      await ask('DELETE', `${path}/devices/${id}`);
    });
  return (
    <section aria-label={say().phones.title}>
      <h3>{say().phones.title}</h3>
      <button type="button" onClick={() => void make()}>
        {pairing === null ? say().phones.show : say().phones.another}
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
              {say().phones.lasts(momentText(device.createdAt, Date.now()), momentText(device.expiresAt, Date.now()))}
            </span>
            <button type="button" onClick={() => withdraw(device)}>
              {say().phones.withdraw}
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
      <Code text={link} label={say().phones.qrCode(driver.name)} />
      <p>
        {say().phones.code} <code class="pairing">{pairing.code.replace(/^(.{5})/, '$1 ')}</code>
      </p>
      <p class="buttons">
        <button type="button" onClick={() => void navigator.clipboard?.writeText(link)}>
          {say().phones.copy}
        </button>
        <a href={link} target="_blank" rel="noreferrer">
          {say().phones.openHere}
        </a>
      </p>
      <p class="hint">{say().phones.once(timeText(pairing.expiresAt), driver.name)}</p>
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

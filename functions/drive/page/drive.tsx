import type { ComponentChild } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { DriverStatusChange } from '#shared/contract/drivers.ts';
import { Missing, NotTaken, Waiting, WrongPin } from './banners.tsx';
import { openSeen } from './changes.ts';
import { Duty, DutySwitch } from './duty.tsx';
import { forgetIdentity, type Identity } from './identity.ts';
import { texts } from './language.ts';
import { Later } from './later.tsx';
import { Offers } from './offers.tsx';
import { asksDriver } from './outbox.ts';
import { thisPhone } from './phone.ts';
import { openPositions, type Sharing } from './positions.ts';
import { Preferences } from './preferences.tsx';
import { renewPush, stopPush } from './push.ts';
import { useAwake, useRing } from './ring.ts';
import type { Settings } from './settings.ts';
import type { Taken } from './steps.ts';
import { stopsAfter, visitsOf } from './stops.ts';
import { useDrive } from './use-drive.ts';
import { useFocusAfterStep } from './use-focus-after-step.ts';
import type { Seen } from './use-reading.ts';
import { Visit } from './visit.tsx';

interface DriveProps {
  identity: Identity;
  settings: Settings;
  onSettings: (next: Settings) => void;
  /** Where another code is typed, once the link has expired. */
  codeForm: ComponentChild;
}

/** The driver's working day. */
export function Drive({ identity, settings, onSettings, codeForm }: DriveProps) {
  const drive = useDrive(identity);
  const { seen, away, outbox } = drive;
  const waiting = outbox.waiting();
  const deliveryOf = (id: string) => seen?.details.find((delivery) => delivery.id === id);
  const taken = [...outbox.arrived(), ...waiting];
  const stops = stopsAfter(seen?.route.stops ?? [], taken, (id) => deliveryOf(id)?.pickup);
  const onDuty = seen !== null && seen.driver.status !== 'OFFLINE';
  const resting = Boolean(seen?.driver.breakUntil);
  const isShared = onDuty && !drive.expired && (!resting || stops.length > 0);
  const { sharing, last } = useSharing(identity, isShared, stops.length > 0);
  useRing(newsOf(seen), settings);
  useAwake(onDuty && !resting && settings.awake);
  useEffect(() => void renewPush(identity).catch(() => {}), []);
  const changes = useMemo(() => openSeen(identity.driverId), [identity.driverId]);
  const { next, top, noteStep } = useFocusAfterStep(stops.map((stop) => `${stop.deliveryId} ${stop.kind}`).join());
  const said = texts;
  if (drive.expired) return <Expired waiting={waiting.length} codeForm={codeForm} />;
  if (seen === null)
    return (
      <main class="alone">
        <p>{away ? texts.noConnection : texts.oneMoment}</p>
      </main>
    );
  const [visit = [], ...later] = visitsOf(stops);
  const duty = {
    driver: seen.driver,
    held: new Set(stops.map(({ deliveryId }) => deliveryId)).size,
    onSay: (change: DriverStatusChange) => void drive.setDuty(change),
  };
  const take = (step: Taken) => {
    const position = last();
    noteStep();
    void drive.take({ ...step, ...(position && { position }) });
  };
  return (
    <div class="drive">
      <header>
        <h1 tabIndex={-1} ref={top}>
          {seen.driver.name}
        </h1>
        <DutySwitch {...duty} />
      </header>
      <main>
        <p class={`sharing ${sharing}`} role="status">
          {onDuty
            ? said.sharing[away && sharing === 'sharing' ? 'offline' : sharing]
            : stops.length > 0
              ? said.offDutyWithOrders
              : said.offDuty}
        </p>
        <Duty {...duty} />
        <Banners drive={drive} />
        <Offers offers={seen.offers} onAnswer={drive.answer} />
        <Visit
          stops={visit}
          heading={next}
          deliveryOf={deliveryOf}
          changesOf={changes.changesOf}
          onSeen={(delivery) => {
            changes.note(delivery);
            drive.show();
          }}
          onStep={take}
          mapApp={settings.mapApp}
          onMapApp={(mapApp) => onSettings({ ...settings, mapApp })}
        />
        <Later
          stops={stops}
          visits={later}
          onFirst={waiting.length === 0 && !away ? (next) => void drive.goFirst(seen.route, next) : null}
        />
        {visit.length === 0 && seen.offers.length === 0 && (
          <Idle onDuty={onDuty} resting={resting} onSay={duty.onSay} />
        )}
      </main>
      <footer>
        <Preferences identity={identity} settings={settings} onSettings={onSettings} />
        <button class="quiet" type="button" onClick={() => leave(identity, waiting.length)}>
          {said.logOut}
        </button>
      </footer>
    </div>
  );
}

/** What became, or did not become, of the driver's steps. */
function Banners({ drive }: { drive: ReturnType<typeof useDrive> }) {
  const { outbox, away, fault } = drive;
  const waiting = outbox.waiting();
  const asking = waiting.find(asksDriver);
  const Asking = asking?.missing ? Missing : WrongPin;
  return (
    <>
      <Waiting count={waiting.length} away={away} />
      {outbox.refused().map((refused) => (
        <NotTaken key={refused.deliveryId} refused={refused} onRead={() => void drive.dismiss(refused.deliveryId)} />
      ))}
      {asking && (
        <Asking
          key={`${asking.key} ${asking.missing}`}
          step={asking}
          onBrought={(brought) => void drive.correct(asking.id, brought)}
        />
      )}
      {fault && (
        <p class="banner bad" role="alert">
          {fault}
        </p>
      )}
    </>
  );
}

function Idle(props: { onDuty: boolean; resting: boolean; onSay: (change: DriverStatusChange) => void }) {
  const { onDuty, resting, onSay } = props;
  return (
    <div class="idle">
      {onDuty ? (
        !resting && <p>{texts.noOrder}</p>
      ) : (
        <button class="primary big" type="button" onClick={() => onSay({ status: 'AVAILABLE' })}>
          {texts.goAvailable}
        </button>
      )}
    </div>
  );
}

function useSharing(identity: Identity, onDuty: boolean, hasOrders: boolean) {
  const [sharing, setSharing] = useState<Sharing>('off');
  const positions = useMemo(() => openPositions(thisPhone(identity), setSharing), [identity.driverId]);
  useEffect(() => positions.set(!onDuty ? 'off' : hasOrders ? 'route' : 'idle'), [onDuty, hasOrders]);
  useEffect(() => () => positions.set('off'), []);
  return { sharing, last: positions.last };
}

/** What the driver has to hear of: the orders that they have, and what they are asked. */
function newsOf(seen: Seen | null): readonly string[] | null {
  if (seen === null) return null;
  return [...seen.route.stops.map(({ deliveryId }) => deliveryId), ...seen.offers.map(({ id }) => id)];
}

function leave(identity: Identity, waiting: number): void {
  if (waiting > 0 && !confirm(texts.logOutWithSteps(waiting))) return;
  // Without a connection the browser at least hears nothing any more.
  void stopPush(identity)
    .catch(() => {})
    .then(forgetIdentity);
}

function Expired({ waiting, codeForm }: { waiting: number; codeForm: ComponentChild }) {
  return (
    <main class="alone">
      <h1>{texts.expired}</h1>
      <p>{texts.askForNewLink}</p>
      {waiting > 0 && <p>{texts.sentWithNext(waiting)}</p>}
      {codeForm}
    </main>
  );
}

import type { DriverStatusChange, DriverView } from '#shared/contract/drivers.ts';
import { momentText } from '#shared/pages/spoken.ts';
import { texts } from './language.ts';

const BREAKS_MIN = [15, 30, 45] as const;

interface DutyProps {
  driver: DriverView;
  /** Orders in hand, as this phone knows. */
  held: number;
  onSay: (said: DriverStatusChange) => void;
}

/** Whether new orders come: neither on a break, nor after the last one. */
const takesNew = ({ status, breakUntil, lastOne }: DriverView) => status !== 'OFFLINE' && !breakUntil && !lastOne;

/** In the head of the page: what they are, and the opposite of it. */
export function DutySwitch({ driver, held, onSay }: DutyProps) {
  const on = takesNew(driver);
  return (
    <button
      class={on ? 'duty on' : 'duty'}
      type="button"
      role="switch"
      aria-checked={on}
      onClick={() => (on ? sayOff(held, onSay) : onSay({ status: 'AVAILABLE' }))}
    >
      {dutyText(driver)}
    </button>
  );
}

function dutyText({ status, breakUntil, lastOne }: DriverView): string {
  const said = texts;
  if (breakUntil) return said.duty.onBreak;
  return lastOne ? said.duty.lastOne : said.statuses[status];
}

/** Off with parcels in hand is not what it sounds like. */
function sayOff(held: number, onSay: DutyProps['onSay']): void {
  if (held === 0 || confirm(texts.duty.offWithOrders(held))) onSay({ status: 'OFFLINE' });
}

/** What else they may say of themselves, and what comes of what they have said. */
export function Duty({ driver, held, onSay }: DutyProps) {
  const said = texts.duty;
  const now = Date.now();
  const { status, breakUntil, lastOne, shiftEndsAt } = driver;
  if (status === 'OFFLINE') return null;
  const ends = shiftEndsAt && (Date.parse(shiftEndsAt) > now ? said.shiftEnds : said.shiftEnded);
  const after = lastOne ? (held > 0 ? said.lastInHand : said.lastIsNext) : null;
  return (
    <>
      {ends && <p class="hint">{ends(momentText(shiftEndsAt, now))}</p>}
      {breakUntil && <Said text={said.onBreakUntil(momentText(breakUntil, now))} back={said.backNow} onSay={onSay} />}
      {after && <Said text={after} back={said.takeMore} onSay={onSay} />}
      <details class="settings">
        <summary>{said.breakOrEnd}</summary>
        <div class="choices">
          {BREAKS_MIN.map((minutes) => (
            <button key={minutes} type="button" onClick={() => onSay({ status: 'BUSY', breakS: minutes * 60 })}>
              {said.breakOf(minutes)}
            </button>
          ))}
          {!lastOne && (
            <button type="button" onClick={() => onSay({ status: 'AVAILABLE', lastOne: true })}>
              {said.lastOne}
            </button>
          )}
          <button type="button" onClick={() => sayOff(held, onSay)}>
            {said.off}
          </button>
        </div>
      </details>
    </>
  );
}

function Said({ text, back, onSay }: { text: string; back: string; onSay: DutyProps['onSay'] }) {
  return (
    <div class="banner">
      <p role="status">{text}</p>
      <button type="button" onClick={() => onSay({ status: 'AVAILABLE' })}>
        {back}
      </button>
    </div>
  );
}

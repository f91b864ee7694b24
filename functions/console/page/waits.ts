import type { DeliveryView } from '#shared/contract/deliveries.ts';
import { momentText } from '#shared/pages/words.ts';
import { placeOf } from './store.ts';

type Waiting = Pick<DeliveryView, 'dispatch' | 'heldUntil' | 'heldReason'>;

const HELD: Readonly<Record<string, string>> = {
  not_ready: 'it is not to be collected yet',
  driver_about_to_be_free: 'a better driver is about to be free',
  may_join_a_trip: 'it may join a trip',
  no_room_yet: 'its driver has no room for it yet',
};

const moment = (at: string) => momentText(at, Date.now());
const until = (at: string | null) => (at === null ? '' : ` until ${moment(at)}`);

/** Why it waits, in a line of a list. */
export function waitText({ dispatch, heldUntil }: Waiting): string {
  switch (dispatch) {
    case 'needs_location':
      return 'Coordinates are missing';
    case 'exhausted':
      return 'Nobody found: give it to someone';
    case 'scheduled':
      return heldUntil === null ? 'For later' : `For later, planned ${moment(heldUntil)}`;
    case 'held':
      return `Planned, held${until(heldUntil)}`;
    case 'paused':
      return `Held by hand${until(heldUntil)}`;
    case 'offered':
      return 'Drivers are being asked';
    default:
      return 'Looking for a driver';
  }
}

/** The same on a page of its own. */
export function waitSentence(delivery: Waiting & Pick<DeliveryView, 'pickup' | 'dropoff'>): string {
  const { dispatch, heldUntil, heldReason } = delivery;
  const missing = (['pickup', 'dropoff'] as const).filter((end) => placeOf(delivery[end]) === null).join(' and ');
  switch (dispatch) {
    case 'needs_location':
      return `It waits for coordinates of the ${missing}. Set them below.`;
    case 'exhausted':
      return 'It waits because nobody was found for a long time. Give it to somebody below.';
    case 'scheduled':
      return `It is for later: nobody has to leave for it yet.${heldUntil === null ? '' : ` It is planned ${moment(heldUntil)}.`}`;
    case 'held': {
      const latest = heldUntil === null ? '' : `, ${moment(heldUntil)} at the latest`;
      return `It is planned, and its driver is told later${latest}${because(heldReason)}.`;
    }
    case 'paused':
      return `Somebody holds it${until(heldUntil) || ' until it is released'}.`;
    case 'offered':
      return 'Drivers are being asked who takes it. You need not wait for them to give it to somebody.';
    default:
      return 'It waits for the next free driver near the pickup; the search repeats by itself.';
  }
}

function because(reason: string | null): string {
  const why = HELD[reason ?? ''];
  return why === undefined ? '' : `: ${why}`;
}

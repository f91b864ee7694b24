import type { DeliveryView } from '#shared/contract/deliveries.ts';
import { momentText } from '#shared/pages/spoken.ts';
import { say } from './language.ts';
import { placeOf } from './store.ts';

type Waiting = Pick<DeliveryView, 'dispatch' | 'heldUntil' | 'heldReason'>;

const moment = (at: string) => momentText(at, Date.now());

/** Why it waits, in a line of a list. */
export function waitText({ dispatch, heldUntil }: Waiting): string {
  const texts = say().waits;
  switch (dispatch) {
    case 'needs_location':
      return texts.needsLocation;
    case 'exhausted':
      return texts.exhausted;
    case 'scheduled':
      return heldUntil === null ? texts.scheduled : texts.scheduledPlanned(moment(heldUntil));
    case 'held':
      return heldUntil === null ? texts.held : texts.heldUntil(moment(heldUntil));
    case 'paused':
      return heldUntil === null ? texts.paused : texts.pausedUntil(moment(heldUntil));
    case 'offered':
      return texts.offered;
    default:
      return texts.searching;
  }
}

/** The same on a page of its own. */
export function waitSentence(delivery: Waiting & Pick<DeliveryView, 'pickup' | 'dropoff'>): string {
  const { dispatch, heldUntil, heldReason } = delivery;
  const texts = say().waits;
  const missing = (['pickup', 'dropoff'] as const).filter((end) => placeOf(delivery[end]) === null);
  switch (dispatch) {
    case 'needs_location':
      return texts.needsLocationOf(missing.map((end) => say().stops[end]));
    case 'exhausted':
      return texts.exhaustedWhy;
    case 'scheduled':
      return `${texts.scheduledWhy}${heldUntil === null ? '' : ` ${texts.planned(moment(heldUntil))}`}`;
    case 'held':
      return texts.heldWhy(heldUntil && moment(heldUntil), texts.because[heldReason ?? ''] ?? null);
    case 'paused':
      return texts.pausedWhy(heldUntil && moment(heldUntil));
    case 'offered':
      return texts.offeredWhy;
    default:
      return texts.searchingWhy;
  }
}

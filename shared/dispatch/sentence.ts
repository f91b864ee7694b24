import type { HeldReason, RuledOutReason, TellReason, UnplannedDelivery } from '../planning/question.ts';

/** What a decision record says, as far as a sentence needs it. Times are ISO 8601. */
export interface DecisionFacts {
  outcome: 'assigned' | 'held' | 'offered' | 'unplanned';
  reason: string;
  /** Who got it, or will probably bring it. */
  driverId: string | null;
  /** When it was decided. */
  at: string;
  /** Until when it is held. */
  until: string | null;
  /** The best others, and how many seconds of customers' waiting each would have cost more. */
  alternatives: readonly { driverId: string; extraS: number }[];
  /** How many drivers could not have it, by why. */
  ruledOut: Readonly<Partial<Record<string, number>>>;
  /** What would help, in words. */
  help: readonly string[];
}

type NameOf = (driverId: string) => string | null;

/**
 * A decision in plain English. It says how long, not until when: a clock would need the reader's time zone, which nobody
 * here knows. `nameOf` answers null for a driver who is no longer there.
 */
export function sentenceOf(facts: DecisionFacts, nameOf: NameOf): string {
  switch (facts.outcome) {
    case 'assigned':
      if (facts.reason === 'by_hand') return `Given to ${whom(facts.driverId, nameOf)} by hand.`;
      return `Given to ${whom(facts.driverId, nameOf)}${because(WHY_TOLD, facts.reason)}; ${others(facts, nameOf)}.`;
    case 'offered':
      return `Offered to ${whom(facts.driverId, nameOf)}${because(WHY_TOLD, facts.reason)}; ${others(facts, nameOf)}.`;
    case 'held':
      return heldSentence(facts, nameOf);
    case 'unplanned':
      return `Nobody could take it: ${whyNobody(facts)}.${helpSentence(facts.help)}`;
  }
}

const WHY_TOLD: Readonly<Record<TellReason | 'next_best', string>> = {
  must_leave: 'leaving later would have cost the customer',
  nothing_to_gain: 'there was nothing to gain by waiting',
  held_long_enough: 'it had been held for as long as the shop allows',
  taken_over: 'that saves more than it costs to change its driver',
  at_once: 'this shop gives every order at once',
  next_best: 'the best choice had just been given something else',
};

const WHY_HELD: Readonly<Record<Exclude<HeldReason, 'scheduled'>, string>> = {
  not_ready: 'it is not to be collected yet',
  driver_about_to_be_free: 'a better driver is about to be free',
  may_join_a_trip: 'it may join a trip',
  no_room_yet: 'whoever passes by has no room for it yet',
};

const WHY_NOBODY: Readonly<Record<Exclude<UnplannedDelivery['reason'], RuledOutReason>, string>> = {
  no_driver: 'no driver is on duty near by',
  too_costly: 'with every driver, others would have waited too long',
};

/** Behind "3 drivers": how they could not have it. */
const COULD_NOT: Readonly<Record<RuledOutReason, string>> = {
  capacity: 'had no room for it',
  route_in_hand: 'had too much in hand',
  too_far: 'were too far away',
  window: 'would have been too late for its window',
  aboard_too_long: 'would have had it aboard for too long',
  shift_end: 'would have been back after their shift',
  tags: 'lacked what it needs',
  excluded: 'had declined or lost it before',
  off_duty: 'were on a break or silent',
  in_hand: 'were not to take it from its driver',
};

function because(words: Readonly<Record<string, string>>, reason: string): string {
  const why = words[reason];
  return why === undefined ? '' : `: ${why}`;
}

/** Never an id: people do not know it. */
function whom(driverId: string | null, nameOf: NameOf): string {
  return (driverId && nameOf(driverId)) || 'a driver';
}

/** Who else could have had it, or why nobody could. */
function others({ alternatives, ruledOut }: DecisionFacts, nameOf: NameOf): string {
  const [best] = [...alternatives].sort((a, b) => a.extraS - b.extraS);
  if (best === undefined) {
    const why = counted(ruledOut);
    return why === '' ? 'nobody else was near' : `nobody else could take it: ${why}`;
  }
  const name = nameOf(best.driverId) ?? 'the next best driver';
  if (best.extraS < 30) return `${name} would have been about as good`;
  return `${name} would have meant ${lasting(best.extraS)} more waiting`;
}

function heldSentence({ reason, driverId, at, until }: DecisionFacts, nameOf: NameOf): string {
  const forS = until === null ? null : Math.round((Date.parse(until) - Date.parse(at)) / 1000);
  const long = forS === null || forS < 1 ? null : lasting(forS);
  if (reason === 'scheduled') {
    return `Left for later: nobody has to leave for it yet${long === null ? '' : `; it is planned in ${long}`}.`;
  }
  const name = driverId && nameOf(driverId);
  const then = name ? `; ${name} will probably bring it` : '';
  return `Held${long === null ? '' : ` for up to ${long}`}${because(WHY_HELD, reason)}${then}.`;
}

function whyNobody({ reason, ruledOut }: DecisionFacts): string {
  return (
    counted(ruledOut) || (WHY_NOBODY as Readonly<Record<string, string>>)[reason] || 'no driver near by had room for it'
  );
}

/** `3 drivers had no room for it, 2 were too far away`; the most first, an unknown reason not at all. */
function counted(ruledOut: DecisionFacts['ruledOut']): string {
  const known = Object.entries(ruledOut)
    .filter(([reason, count = 0]) => count > 0 && reason in COULD_NOT)
    .sort(([a, some = 0], [b, more = 0]) => more - some || (a < b ? -1 : 1));
  return known
    .map(([reason, count = 0], place) => {
      const words = COULD_NOT[reason as RuledOutReason];
      const did = count === 1 ? words.replace(/^were /, 'was ') : words;
      return place === 0 ? `${count} ${count === 1 ? 'driver' : 'drivers'} ${did}` : `${count} ${did}`;
    })
    .join(', ');
}

function helpSentence(help: readonly string[]): string {
  return help.length === 0 ? '' : ` What would help: ${help.join('; ')}.`;
}

/** `40 s`, `4 min`, `2 h 5 min`. */
function lasting(seconds: number): string {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const rest = minutes % 60;
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`;
}

/** How a driver gets what a plan has for them: given, asked one at a time, or several asked at once. */
export const DISPATCH_MODES = ['assign', 'offer', 'broadcast'] as const;
export type DispatchMode = (typeof DISPATCH_MODES)[number];

export const OFFER_STATES = ['open', 'accepted', 'declined', 'expired', 'withdrawn'] as const;
export type OfferState = (typeof OFFER_STATES)[number];

/** What a driver may say when they say no. */
export const DECLINE_REASONS = ['too_far', 'no_time', 'bad_area', 'other'] as const;
export type DeclineReason = (typeof DECLINE_REASONS)[number];

/** Why an offer can no longer be taken. */
export type OfferOver = Exclude<OfferState, 'open' | 'accepted'> | 'taken' | 'cancelled' | 'off_duty' | 'full';

/**
 * What a driver's phone is told of, the most urgent first. What it is about the page reads from the service: none of it
 * passes through a push service or stands on a locked screen.
 */
export type PushKind = 'offer' | 'cancelled' | 'route' | 'change' | 'still_there';

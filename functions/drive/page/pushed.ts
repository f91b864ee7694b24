import { ask } from '#shared/pages/ask.ts';
import { speak } from '#shared/pages/spoken.ts';
import { knownIdentity } from './identity.ts';
import { texts } from './language.ts';
import { readSettings } from './settings.ts';
import type { DriveTexts } from './texts/en.ts';

export type PushKind = keyof DriveTexts['pushed'];

/** What a message says: that there is something, and for whom. What it is, and where, is behind the phone's lock. */
export interface Pushed {
  kind: PushKind;
  driverId: string;
  version: number;
}

export interface Notice {
  title: string;
  options: NotificationOptions & { renotify: boolean };
}

/** @returns null where it is not what the service sends */
export function readPushed(data: unknown): Pushed | null {
  const { kind, driverId, version } = (data ?? {}) as Partial<Pushed>;
  const isKnown = typeof kind === 'string' && Object.hasOwn(texts.pushed, kind);
  return isKnown && typeof driverId === 'string' ? { kind, driverId, version: Number(version) } : null;
}

/**
 * What the phone shows for a message, in its driver's language; a question whether they are still there it answers itself.
 * @returns null: it is for somebody who had this phone before
 */
export async function noticeOf({ kind, driverId }: Pushed): Promise<Notice | null> {
  const [identity, settings] = await Promise.all([knownIdentity(), readSettings()]);
  if (identity?.driverId !== driverId) return null;
  speak(settings.language, navigator.languages);
  const isQuestion = kind === 'still_there';
  // Without a connection it is not answered: then they are not there.
  if (isQuestion) await ask('POST', `/v1/drivers/${driverId}/heartbeat`, { headers: identity.headers }).catch(() => {});
  return {
    title: texts.pushed[kind],
    options: {
      body: texts.pushedBody,
      // One of a kind: the newest takes the place of the one before.
      tag: kind,
      renotify: !isQuestion,
      silent: isQuestion || !settings.sound,
      ...(!isQuestion && settings.vibration && { vibrate: [300, 150, 300] }),
    },
  };
}

import { useEffect, useRef } from 'preact/hooks';
import { openBell } from './bell.ts';
import type { Settings } from './settings.ts';

const bell = openBell(() => ('AudioContext' in window ? new AudioContext() : null));
/** A browser counts as a tap one of the two, or both. */
const WAKING = ['pointerup', 'click', 'visibilitychange'] as const;

/**
 * The phone makes itself heard when there is something new; not when the page is opened, nor when something goes.
 * @param news null: not known yet
 */
export function useRing(
  news: readonly string[] | null,
  { sound, vibration }: Pick<Settings, 'sound' | 'vibration'>,
): void {
  const heard = useRef<readonly string[] | null>(null);
  useEffect(() => {
    for (const event of WAKING) document.addEventListener(event, bell.wake);
    return () => {
      for (const event of WAKING) document.removeEventListener(event, bell.wake);
    };
  }, []);
  useEffect(() => {
    const before = heard.current;
    heard.current = news ?? before;
    if (before === null || news === null || news.every((one) => before.includes(one))) return;
    if (vibration) navigator.vibrate?.([300, 150, 300]);
    if (sound) void bell.ring();
  }, [news?.join()]);
}

/** The screen stays on while it is wanted; a browser lets go of it whenever the page is hidden. */
export function useAwake(wanted: boolean): void {
  useEffect(() => {
    if (!wanted || !('wakeLock' in navigator)) return;
    let lock: WakeLockSentinel | null = null;
    let over = false;
    const ask = async () => {
      if (document.visibilityState !== 'visible') return;
      // Refused where the battery is low.
      lock = await navigator.wakeLock.request('screen').catch(() => null);
      if (over) await lock?.release();
    };
    void ask();
    const again = () => void ask();
    document.addEventListener('visibilitychange', again);
    return () => {
      over = true;
      document.removeEventListener('visibilitychange', again);
      void lock?.release();
    };
  }, [wanted]);
}

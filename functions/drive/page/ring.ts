import { useEffect, useRef } from 'preact/hooks';
import type { Settings } from './settings.ts';

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
    const before = heard.current;
    heard.current = news ?? before;
    if (before === null || news === null || news.every((one) => before.includes(one))) return;
    if (vibration) navigator.vibrate?.([300, 150, 300]);
    if (sound) beep();
  }, [news?.join()]);
}

/** Two tones; a browser in which nobody has tapped yet keeps silent. */
function beep(): void {
  const audio = new AudioContext();
  const tone = audio.createOscillator();
  tone.connect(audio.destination);
  tone.frequency.setValueAtTime(880, audio.currentTime);
  tone.frequency.setValueAtTime(1_175, audio.currentTime + 0.15);
  tone.onended = () => void audio.close();
  tone.start();
  tone.stop(audio.currentTime + 0.3);
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

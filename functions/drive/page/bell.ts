/** As much of a browser's `AudioContext` as two tones need, so that a test can be one. */
export type Sound = Pick<AudioContext, 'state' | 'resume' | 'currentTime' | 'destination' | 'createOscillator'>;

export interface Bell {
  /** While somebody taps, or once the page is seen again. */
  wake(): void;
  /** Two tones; in a page in which nobody has tapped yet, none. */
  ring(): Promise<void>;
}

/** Later than that it would ring for what is no news any more: a sound may wait for the next tap. */
const LATE_MS = 2_000;

/**
 * One sound for the whole page, which each tap wakes: iOS lets a page be heard only by what was woken while somebody
 * tapped, and takes it away while the page is in the background.
 * @param open null: this browser has none
 */
export function openBell(open: () => Sound | null, nowMs = () => performance.now()): Bell {
  let opened: Sound | null = null;
  /** Refused where nobody taps: the next who does wakes it. */
  const resume = async () => {
    opened ??= open();
    if (opened?.state !== 'running') await opened?.resume().catch(() => {});
  };
  return {
    wake: () => void resume(),
    async ring() {
      const askedMs = nowMs();
      await resume();
      if (opened?.state === 'running' && nowMs() - askedMs < LATE_MS) play(opened);
    },
  };
}

function play(sound: Sound): void {
  const tone = sound.createOscillator();
  tone.connect(sound.destination);
  tone.frequency.setValueAtTime(880, sound.currentTime);
  tone.frequency.setValueAtTime(1_175, sound.currentTime + 0.15);
  tone.onended = () => tone.disconnect();
  tone.start();
  tone.stop(sound.currentTime + 0.3);
}

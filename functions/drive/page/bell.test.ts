import { expect, test } from 'vitest';
import { openBell, type Sound } from './bell.ts';

/** A browser that lets a page be heard only where somebody taps, as iOS does. */
function openBrowser() {
  let [nowMs, opened, tones, isTapped] = [0, 0, 0, false];
  let state: AudioContextState = 'suspended';
  let waiting: (() => void)[] = [];
  const tone = {
    connect() {},
    disconnect() {},
    frequency: { setValueAtTime() {} },
    start: () => (tones += 1),
    stop() {},
  };
  const sound = {
    get state() {
      return state;
    },
    resume: () =>
      new Promise<void>((resolve) => {
        if (isTapped) state = 'running';
        if (state === 'running') resolve();
        else waiting.push(resolve);
      }),
    ...{ currentTime: 0, destination: {}, createOscillator: () => tone },
  } as unknown as Sound;
  const bell = openBell(
    () => {
      opened += 1;
      return sound;
    },
    () => nowMs,
  );
  return {
    bell,
    heard: () => ({ opened, tones }),
    async pass(ms: number) {
      nowMs += ms;
      await Promise.resolve();
    },
    /** With all that had waited for one. */
    async tap() {
      isTapped = true;
      bell.wake();
      for (const go of waiting) go();
      waiting = [];
      isTapped = false;
      await new Promise((resolve) => setTimeout(resolve));
    },
    interrupt() {
      state = 'interrupted' as AudioContextState;
    },
  };
}

test('what has been woken by a tap rings whenever there is news, and is one for the whole page', async () => {
  const { bell, heard, tap } = openBrowser();
  await tap();
  await bell.ring();
  await bell.ring();
  expect(heard()).toEqual({ opened: 1, tones: 2 });
});

test('before any tap it is silent, and what it would have rung for is not rung for later', async () => {
  const { bell, heard, pass, tap } = openBrowser();
  void bell.ring();
  void bell.ring();
  await pass(60_000);
  await tap();
  expect(heard()).toEqual({ opened: 1, tones: 0 });
  await bell.ring();
  expect(heard()).toEqual({ opened: 1, tones: 1 });
});

test('what a telephone call has taken away the next tap brings back', async () => {
  const { bell, heard, interrupt, tap } = openBrowser();
  await tap();
  interrupt();
  await tap();
  await bell.ring();
  expect(heard()).toEqual({ opened: 1, tones: 1 });
});

test('a browser that has no sound is none', async () => {
  const bell = openBell(() => null);
  bell.wake();
  await bell.ring();
});

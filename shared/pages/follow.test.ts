import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { follow, type Link, pause, readBoard } from './follow.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** A server that says something as often as it is told to, and otherwise keeps its streams open. */
function hangingServer() {
  const streams: ReadableStreamDefaultController<Uint8Array>[] = [];
  vi.stubGlobal('fetch', async (_: string, { signal }: { signal: AbortSignal }) => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        streams.push(controller);
        signal.addEventListener('abort', () => controller.error(signal.reason));
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  });
  return { say: (text: string) => streams.at(-1)?.enqueue(new TextEncoder().encode(text)) };
}

test('a server that hangs is not live for ten seconds more; one that says something now and then is', async () => {
  const server = hangingServer();
  const links: Link[] = [];
  const stop = follow({ onMessage: () => {}, onLink: (link) => links.push(link) });
  await vi.advanceTimersByTimeAsync(10);
  for (let n = 0; n < 6; n += 1) {
    server.say(': still here\n\n');
    await vi.advanceTimersByTimeAsync(5_000);
  }
  expect(links).toEqual(['connecting', 'streaming']);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(links.slice(0, 3)).toEqual(['connecting', 'streaming', 'away']);
  stop();
});

test('a page of the board that does not come is given up', async () => {
  hangingServer();
  const patience = new AbortController();
  vi.spyOn(AbortSignal, 'timeout').mockReturnValue(patience.signal);
  const reading = readBoard(new AbortController().signal, () => {});
  patience.abort();
  expect(await reading).toBe('failed');
});

test('a pause ends with its time or with the signal, and leaves nothing at a signal that lasts for days', async () => {
  const { signal } = new AbortController();
  const listeners = new Set<unknown>();
  vi.spyOn(signal, 'addEventListener').mockImplementation((_, listener) => void listeners.add(listener));
  vi.spyOn(signal, 'removeEventListener').mockImplementation((_, listener) => void listeners.delete(listener));
  const paused = pause(1_000, signal);
  expect(listeners.size).toBe(1);
  await vi.advanceTimersByTimeAsync(1_000);
  await paused;
  expect(listeners.size).toBe(0);
  const ending = new AbortController();
  const cut = pause(1_000, ending.signal);
  ending.abort();
  await cut;
  expect(vi.getTimerCount()).toBe(0);
});

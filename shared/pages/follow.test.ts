import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { follow, type Link } from './follow.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
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

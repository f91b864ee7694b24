import { afterEach, expect, test, vi } from 'vitest';
import { ask, LARGE_MS } from './ask.ts';

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** A connection that takes what is sent, and says nothing more after `said` bytes of the answer. */
function halfOpen(said: 'nothing' | 'the head') {
  vi.stubGlobal('fetch', (_: string, { signal }: { signal?: AbortSignal }) => {
    const aborted = new Promise<never>((_, reject) =>
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true }),
    );
    if (said === 'nothing') return aborted;
    return Promise.resolve({ ok: true, status: 200, text: () => aborted });
  });
}

test.each(['nothing', 'the head'] as const)(
  'a service that says %s and then no more is none: there is no answer',
  async (said) => {
    halfOpen(said);
    await expect(ask('POST', '/v1/anything', { withinMs: 20 })).rejects.toMatchObject({ name: 'Error', status: 0 });
  },
);

test('a quarter of a minute is waited for an answer, and for what is large as long as the caller says', async () => {
  vi.stubGlobal('fetch', async () => new Response('{"is":"there"}'));
  const patience = vi.spyOn(AbortSignal, 'timeout');
  expect(await ask('GET', '/v1/small')).toEqual({ is: 'there' });
  await ask('POST', '/v1/large', { withinMs: LARGE_MS });
  expect(patience.mock.calls).toEqual([[15_000], [60_000]]);
});

test('a refusal says what the problem document said', async () => {
  const problem = { type: 'urn:problem:too_late', title: 'Too late', detail: 'It is DELIVERED' };
  vi.stubGlobal('fetch', async () => new Response(JSON.stringify(problem), { status: 409 }));
  await expect(ask('POST', '/v1/x')).rejects.toMatchObject({ status: 409, message: 'It is DELIVERED', problem });
  vi.stubGlobal('fetch', async () => new Response('<html>', { status: 502 }));
  await expect(ask('POST', '/v1/x')).rejects.toMatchObject({ status: 502, problem: {} });
});

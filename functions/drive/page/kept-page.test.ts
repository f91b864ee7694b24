import { expect, test } from 'vitest';
import { answerPage, type Host } from './kept-page.ts';

const REQUEST = new Request('https://dispatch.example/drive');
const page = (words: string, status = 200) => new Response(words, { status });
const never = () => new Promise<Response>(() => {});

/** A worker with what its phone keeps of the page, and what the line gives. */
function openWorker({ kept, line }: { kept: string | null; line: () => Promise<Response> }) {
  const put: string[] = [];
  const shelf = {
    match: async () => undefined,
    addAll: async () => {},
    put: async (_: string, response: Response) => void put.push(await response.text()),
    keys: async () => [],
  };
  const host = {
    fetch: line,
    caches: { match: async () => (kept === null ? undefined : page(kept)), open: async () => shelf },
  } as unknown as Host;
  const opens = async () => (await answerPage(REQUEST, host, 20)).text();
  return { opens, host, put };
}

test('the newest page is shown, and kept', async () => {
  const { opens, put } = openWorker({ kept: 'old', line: async () => page('new') });
  expect(await opens()).toBe('new');
  await expect.poll(() => put).toContain('new');
});

test.each([
  ['there is no connection', () => Promise.reject(new TypeError('Failed to fetch'))],
  ['the line says nothing', never],
  ['a gateway answers for a service that is away', async () => page('Bad gateway', 502)],
])('where %s the page opens as this phone keeps it', async (_, line) => {
  expect(await openWorker({ kept: 'old', line }).opens()).toBe('old');
});

test('what comes too late is kept for the next time', async () => {
  let answer: (response: Response) => void = () => {};
  const late = new Promise<Response>((resolve) => {
    answer = resolve;
  });
  const { opens, put } = openWorker({ kept: 'old', line: async () => (await late).clone() });
  expect(await opens()).toBe('old');
  answer(page('new'));
  await expect.poll(() => put).toContain('new');
});

test('what the service says of the page itself is shown, and where nothing is kept whatever comes', async () => {
  expect(await openWorker({ kept: 'old', line: async () => page('Not here', 404) }).opens()).toBe('Not here');
  expect(await openWorker({ kept: null, line: async () => page('Bad gateway', 502) }).opens()).toBe('Bad gateway');
  const { host } = openWorker({ kept: null, line: () => Promise.reject(new TypeError('Failed to fetch')) });
  expect((await answerPage(REQUEST, host, 20)).type).toBe('error');
});

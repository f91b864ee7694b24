import type { Page } from 'playwright-core';

/** A page's service worker, woken by the DevTools: a browser of a test has no push service, and no network that returns. */
export interface TestWorker {
  /** There is a connection again. */
  sync(tag: string): Promise<void>;
  /** The service tells it something. */
  push(data: unknown): Promise<void>;
}

/** @param page one that has registered its worker */
export async function workerOf(page: Page): Promise<TestWorker> {
  const { origin } = new URL(page.url());
  const session = await page.context().newCDPSession(page);
  const registered = new Promise<string>((resolve) =>
    session.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const [first] = registrations;
      if (first) resolve(first.registrationId);
    }),
  );
  await session.send('ServiceWorker.enable');
  const registrationId = await registered;
  return {
    async sync(tag) {
      await session.send('ServiceWorker.dispatchSyncEvent', { origin, registrationId, tag, lastChance: false });
    },
    async push(data) {
      await session.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data: JSON.stringify(data) });
    },
  };
}

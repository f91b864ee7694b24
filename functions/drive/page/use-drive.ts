import { useMemo, useState } from 'preact/hooks';
import type { DriverStatusChange } from '#shared/contract/drivers.ts';
import type { RouteStopView, RouteView } from '#shared/contract/routes.ts';
import { ask } from '#shared/pages/ask.ts';
import { refusalText } from '#shared/pages/refusal-text.ts';
import type { Identity } from './identity.ts';
import type { KeptAs } from './kept-steps.ts';
import { texts } from './language.ts';
import type { Answer, Offer } from './offers.tsx';
import { openOutbox } from './outbox.ts';
import type { Brought, Taken } from './steps.ts';
import { useReading } from './use-reading.ts';

/** What a driver's page knows, and what it can do; after whatever was done it looks again. */
export function useDrive(identity: Identity) {
  const { driverId, headers } = identity;
  const [fault, setFault] = useState<string | null>(null);
  const [, redraw] = useState(0);
  const outbox = useMemo(() => openOutbox(driverId), [driverId]);
  const show = () => redraw((count) => count + 1);
  const { look, ...reading } = useReading(identity, outbox, show);

  /** @returns whether the service has taken it */
  const report = async (work: () => Promise<unknown>): Promise<boolean> => {
    setFault(null);
    try {
      await work();
      return true;
    } catch (error) {
      setFault(refusalText(error, texts.faults));
      return false;
    } finally {
      void look();
    }
  };
  const take = async (step: Taken) => {
    setFault(null);
    const kept = outbox.add(step);
    // At once, whatever the connection is like: who sees nothing taps again.
    show();
    const fault = faultOf(await kept);
    if (fault !== null) setFault(fault);
    void askWorker();
    await look();
  };
  return {
    ...reading,
    fault,
    outbox,
    show,
    take,
    correct: async (id: string, brought: Brought | null) => {
      await outbox.correct(id, brought);
      show();
      await look();
    },
    dismiss: async (deliveryId: string) => {
      await outbox.dismiss(deliveryId);
      show();
    },
    answer: ({ id }: Offer, said: Answer) =>
      report(() =>
        ask('POST', `/v1/offers/${id}/${said.accept ? 'accept' : 'decline'}`, {
          headers,
          ...(!said.accept && { body: { reason: said.reason } }),
        }),
      ),
    setDuty: (body: DriverStatusChange) =>
      report(() => ask('PUT', `/v1/drivers/${driverId}/status`, { body, headers })),
    goFirst: ({ version, stops }: RouteView, visit: readonly RouteStopView[]) => {
      const order = [...visit, ...stops.filter((stop) => !visit.includes(stop))];
      const body = { version, stops: order.map(({ deliveryId, kind }) => ({ deliveryId, kind })) };
      return report(() => ask('PUT', `/v1/drivers/${driverId}/route`, { body, headers }));
    },
  };
}

function faultOf(kept: KeptAs): string | null {
  switch (kept) {
    case 'kept':
      return null;
    case 'without_photo':
      return texts.withoutPhoto;
    case 'in_page':
      return texts.inPageOnly;
  }
}

/** The browser wakes the worker when there is a connection again, also when the page is closed by then. */
async function askWorker(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const registration = (await navigator.serviceWorker.getRegistration()) as
    | (ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } })
    | undefined;
  await registration?.sync?.register('steps').catch(() => {});
}

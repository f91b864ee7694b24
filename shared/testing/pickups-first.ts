import { eventually } from './eventually.ts';
import type { Stage } from './page-stage.ts';

/** Puts a driver's stops in order by hand: a plan may have thought otherwise, also meanwhile. */
export async function arrange(
  { api }: Pick<Stage, 'api'>,
  driver: string,
  stops: readonly { deliveryId: string; kind: string }[],
): Promise<void> {
  await eventually(async () => {
    const { version } = await api('GET', `/v1/drivers/${driver}/route`);
    return api('PUT', `/v1/drivers/${driver}/route`, { version, stops }).then(
      () => true,
      () => false,
    );
  });
}

/** All of these are collected before the first is brought. */
export function pickupsFirst(stage: Pick<Stage, 'api'>, driver: string, deliveries: readonly string[]): Promise<void> {
  const kinds = ['pickup', 'dropoff'];
  return arrange(
    stage,
    driver,
    kinds.flatMap((kind) => deliveries.map((deliveryId) => ({ deliveryId, kind }))),
  );
}

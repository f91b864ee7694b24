import { eventually } from './eventually.ts';
import type { Stage } from './page-stage.ts';

/** All of these are collected before the first is brought, by hand: a plan may have thought otherwise, also meanwhile. */
export async function pickupsFirst(
  { api }: Pick<Stage, 'api'>,
  driver: string,
  deliveries: readonly string[],
): Promise<void> {
  const stops = ['pickup', 'dropoff'].flatMap((kind) => deliveries.map((deliveryId) => ({ deliveryId, kind })));
  await eventually(async () => {
    const { version } = await api('GET', `/v1/drivers/${driver}/route`);
    return api('PUT', `/v1/drivers/${driver}/route`, { version, stops }).then(
      () => true,
      () => false,
    );
  });
}

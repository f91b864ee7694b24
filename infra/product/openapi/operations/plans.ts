import { planView } from '#shared/contract/plan-answer.ts';
import { BERLIN, ORDER } from './examples.ts';
import type { Operation } from './operation.ts';

const NOW = '2026-11-22T14:00:00Z';

export const PLANS = {
  'POST /v1/plans': {
    id: 'askForPlan',
    tag: 'Plans',
    summary: 'What would be planned, for a question; nothing is touched',
    description:
      'At most 300 deliveries and 150 drivers, all of them the caller’s own: nothing is looked up but the settings of the shop, where the question names none. A delivery whose pickup is not in its driver’s route, but whose dropoff is, is aboard. Equal questions get equal bytes. Travel times are estimates from straight lines.',
    answers: { 200: planView },
    example: {
      now: NOW,
      settings: { economy: 0.5 },
      drivers: [{ id: 'Asha', position: BERLIN, capacity: 4, vehicle: 'cargo_bike' }],
      deliveries: [
        {
          id: 'T7QX2M9P',
          placedAt: NOW,
          pickup: { ...BERLIN, readyAt: '2026-11-22T14:10:00Z' },
          dropoff: { lat: ORDER.dropoff.lat, lon: ORDER.dropoff.lon, before: '2026-11-22T15:00:00Z' },
        },
      ],
    },
  },
} as const satisfies Record<string, Operation>;

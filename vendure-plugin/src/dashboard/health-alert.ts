import { api } from '@vendure/dashboard';

interface Answer {
  driverDispatchHealth: { reachable: boolean; problems: string[] };
}
type Health = Answer['driverDispatchHealth'];

const HEALTH = `query DriverDispatchHealth { driverDispatchHealth { reachable problems } }`;

/** Above every page while something stops orders: nobody looks for that in a log. */
export const healthAlert = {
  id: 'driver-dispatch-health',
  title: 'Driver deliveries need attention',
  description: ({ problems }: Health) => problems.join(' '),
  severity: ({ reachable }: Health) => (reachable ? ('warning' as const) : ('error' as const)),
  check: async () => (await api.query<Answer>(HEALTH)).driverDispatchHealth,
  shouldShow: ({ problems }: Health) => problems.length > 0,
  recheckInterval: 60_000,
};

import { i18n } from '@lingui/core';
import { api } from '@vendure/dashboard';
import { inWords, translated } from './texts';

interface Answer {
  driverDispatchHealth: { reachable: boolean; findings: { code: string; value: string | null; text: string }[] };
}
type Health = Answer['driverDispatchHealth'];

const HEALTH = `query DriverDispatchHealth { driverDispatchHealth { reachable findings { code value text } } }`;

/**
 * The dashboard asks already while the first answer is awaited, and where none has come: an error here would leave it
 * without any page.
 */
function isWrong(health: Health | undefined): health is Health {
  return health !== undefined && health.findings.length > 0;
}

/**
 * Above every page while something stops orders: nobody looks for that in a log. What is wrong the shop says in English;
 * other languages have it in their catalogue under `driver-dispatch.problem.<code>`. No hook can be used in here, so it is
 * the dashboard's own `i18n` that is asked.
 */
export const healthAlert = {
  id: 'driver-dispatch-health',
  title: () => inWords(i18n, 'needAttention'),
  description: ({ findings }: Health) =>
    findings
      .map(({ code, value, text }) => translated(i18n, `problem.${code}`, text, { value: value ?? '' }))
      .join(' '),
  severity: (health: Health | undefined) =>
    isWrong(health) ? (health.reachable ? ('warning' as const) : ('error' as const)) : ('info' as const),
  check: async () => (await api.query<Answer>(HEALTH)).driverDispatchHealth,
  shouldShow: isWrong,
  recheckInterval: 60_000,
};

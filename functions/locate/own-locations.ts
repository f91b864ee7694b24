import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { FIXES_MAX, fix } from '#shared/contract/locations.ts';
import { driverId, sparingList } from '#shared/contract/nouns.ts';
import { reportFixes, reportOf } from '#shared/flows/report-fixes.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { Problem } from '#shared/http/problem.ts';
import { callerOf, reply } from '#shared/http/reply.ts';

/** What a phone has kept while it was offline, oldest first or not: the newest counts. */
export const postOwnLocations = endpoint({
  method: 'POST',
  path: '/v1/drivers/:id/locations',
  auth: ['driver'],
  keepsNothing: true,
  params: v.object({ id: driverId }),
  body: v.object({ fixes: sparingList(fix, { min: 1, max: FIXES_MAX }) }),
  bodyLimit: 256 * 1024,
  handle: async (input, deps: ServiceDeps) => {
    const { principal, params, body, receivedAtMs } = input;
    if (principal.driverId !== params.id) throw new Problem('not_found');
    const caller = callerOf(input);
    const clocks = { receivedAtMs, nowMs: deps.clock.nowMs() };
    const said = body.fixes.filter((each) => each !== null);
    const reports = said.map((each) => reportOf(params.id, each, clocks));
    const outcomes = await reportFixes(deps, caller, principal.shopId, reports);
    if (outcomes.includes('unknown')) throw new Problem('not_found');
    const accepted = outcomes.filter((outcome) => outcome === 'accepted').length;
    return reply(caller, 200, {
      accepted,
      outdated: outcomes.length - accepted,
      invalid: body.fixes.length - said.length,
    });
  },
});

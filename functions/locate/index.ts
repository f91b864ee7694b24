import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { fix, fixes, nearestQuery } from '#shared/contract/locations.ts';
import { driverId } from '#shared/contract/nouns.ts';
import { findDrivers } from '#shared/dispatch/find-drivers.ts';
import { distanceM } from '#shared/domain/geo.ts';
import { type Report, reportFixes, reportOf } from '#shared/flows/report-fixes.ts';
import { type Answer, endpoint } from '#shared/http/endpoint.ts';
import type { DriverPrincipal, ShopPrincipal } from '#shared/http/principal.ts';
import { Problem } from '#shared/http/problem.ts';
import { callerOf, reply } from '#shared/http/reply.ts';
import { postOwnLocations } from './own-locations.ts';

const ofDriver = v.object({ id: driverId });
const MIB = 1024 * 1024;

const postLocation = endpoint({
  method: 'POST',
  path: '/v1/drivers/:id/location',
  sparesPostgres: true,
  auth: ['driver', 'shop:dispatch'],
  keepsNothing: true,
  params: ofDriver,
  body: fix,
  handle: (input, deps: ServiceDeps) =>
    reportOne(input, deps, reportOf(input.params.id, input.body, clocksOf(input, deps))),
});

const postHeartbeat = endpoint({
  method: 'POST',
  path: '/v1/drivers/:id/heartbeat',
  sparesPostgres: true,
  auth: ['driver', 'shop:dispatch'],
  keepsNothing: true,
  params: ofDriver,
  handle: (input, deps: ServiceDeps) =>
    reportOne(input, deps, {
      driverId: input.params.id,
      position: null,
      recordedAtMs: null,
      heardAtMs: input.receivedAtMs,
    }),
});

const postLocations = endpoint({
  method: 'POST',
  path: '/v1/locations',
  sparesPostgres: true,
  auth: ['shop:dispatch'],
  keepsNothing: true,
  body: fixes,
  bodyLimit: MIB,
  handle: async (input, deps: ServiceDeps) => {
    const caller = callerOf(input);
    const clocks = clocksOf(input, deps);
    const reports = input.body.fixes.map((each) => each && reportOf(each.driverId, each, clocks));
    const said = reports.filter((report) => report !== null);
    const told = (await reportFixes(deps, caller, input.principal.shopId, said)).values();
    const outcomes = reports.map((report) => (report === null ? 'invalid' : told.next().value));
    const count = (outcome: string) => outcomes.filter((each) => each === outcome).length;
    return reply(caller, 200, {
      accepted: count('accepted'),
      outdated: count('outdated'),
      unknown: count('unknown'),
      invalid: count('invalid'),
      ...(input.body.details && {
        results: reports.map((report, place) => ({ driverId: report?.driverId ?? null, outcome: outcomes[place] })),
      }),
    });
  },
});

const getNearest = endpoint({
  method: 'GET',
  path: '/v1/drivers/nearest',
  sparesPostgres: true,
  auth: ['shop:read'],
  query: nearestQuery,
  handle: async (input, deps: ServiceDeps) => {
    const caller = callerOf(input);
    const { lat, lon, radiusM, limit } = input.query;
    const center = { lat, lon };
    const found = await findDrivers(deps, caller, input.principal.shopId, { center, radiusM, limit });
    const drivers = found.map(({ driverId, position }) => ({
      driverId,
      distanceM: Math.round(distanceM(center, position) * 10) / 10,
      position,
    }));
    return reply(caller, 200, { drivers });
  },
});

function clocksOf({ receivedAtMs }: { receivedAtMs: number }, { clock }: ServiceDeps) {
  return { receivedAtMs, nowMs: clock.nowMs() };
}

async function reportOne(
  input: {
    principal: DriverPrincipal | ShopPrincipal;
    idempotency: null | Parameters<typeof callerOf>[0]['idempotency'];
  },
  deps: ServiceDeps,
  report: Report,
): Promise<Answer> {
  const { principal } = input;
  if (principal.kind === 'driver' && principal.driverId !== report.driverId) throw new Problem('not_found');
  const caller = callerOf(input);
  const [outcome = 'unknown'] = await reportFixes(deps, caller, principal.shopId, [report]);
  if (outcome === 'unknown') throw new Problem('not_found');
  return reply(caller, 200, { outcome });
}

export const endpoints = [getNearest, postLocation, postHeartbeat, postLocations, postOwnLocations];

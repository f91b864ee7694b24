import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { deliveryMove, deliveryQuery } from '#shared/contract/deliveries.ts';
import { driverStatusChange } from '#shared/contract/drivers.ts';
import { deliveryId, driverId } from '#shared/contract/nouns.ts';
import { allowedNext } from '#shared/domain/delivery.ts';
import { listDeliveries, readDelivery } from '#shared/flows/deliveries.ts';
import { locateDriver, readDriver, setDuty } from '#shared/flows/drivers.ts';
import { moveDelivery } from '#shared/flows/move-delivery.ts';
import { readProofAsked } from '#shared/flows/read-proof-asked.ts';
import { stopsBefore } from '#shared/flows/routes.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import type { DriverPrincipal, ShopPrincipal } from '#shared/http/principal.ts';
import { Problem } from '#shared/http/problem.ts';
import { callerOf, reply, settled } from '#shared/http/reply.ts';
import { asDriverSees, type DeliveryRow, eventsDriverSees } from '#shared/mappers/seen-by-driver.ts';
import { deliveryEventView, deliveryView, driverView } from '#shared/mappers/views.ts';
import { customerEndpoints } from './customer.ts';
import { getDecisions } from './decisions.ts';
import { pincodeProblem, proofProblem } from './not-proved.ts';
import { routes } from './route.ts';
import { getNumbers } from './stats.ts';
import { getEta, getTracking, getTrackingLink } from './tracking.ts';

const ofDriver = v.object({ id: driverId });
const ofDelivery = v.object({ id: deliveryId });

const putDriverStatus = endpoint({
  method: 'PUT',
  path: '/v1/drivers/:id/status',
  auth: ['driver', 'shop:dispatch'],
  params: ofDriver,
  body: driverStatusChange,
  handle: async (input, deps: ServiceDeps) => {
    const { principal, params, body, receivedAtMs } = input;
    if (principal.kind === 'driver' && principal.driverId !== params.id) throw new Problem('not_found');
    const caller = callerOf(input);
    const which = { shopId: principal.shopId, driverId: params.id };
    const { result, headers } = settled(
      await setDuty(deps, caller, which, body, principal.kind === 'driver', receivedAtMs),
    );
    switch (result.outcome) {
      case 'changed':
      case 'unchanged':
        return reply(caller, 200, driverView(result.driver), headers);
      case 'not_found':
        throw new Problem('not_found');
    }
  },
});

const getDriverStatus = endpoint({
  method: 'GET',
  path: '/v1/drivers/:id/status',
  auth: ['driver', 'shop:read'],
  params: ofDriver,
  handle: async (input, deps: ServiceDeps) => {
    const { principal, params } = input;
    if (principal.kind === 'driver' && principal.driverId !== params.id) throw new Problem('not_found');
    const caller = callerOf(input);
    const [row, last] = await Promise.all([
      readDriver(deps, principal.shopId, params.id),
      locateDriver(deps, caller, principal.shopId, params.id),
    ]);
    if (row === null) throw new Problem('not_found');
    const { id, status, load, capacity, breakUntil, lastOne, version } = driverView(row);
    const lastSeenAt = last.seenAt === null ? null : new Date(last.seenAt).toISOString();
    const { position, positionAt } = last;
    return reply(caller, 200, {
      driverId: id,
      status,
      load,
      capacity,
      breakUntil,
      lastOne,
      version,
      position,
      positionAt,
      lastSeenAt,
    });
  },
});

const getDeliveries = endpoint({
  method: 'GET',
  path: '/v1/deliveries',
  auth: ['shop:read', 'driver'],
  query: deliveryQuery,
  handle: async ({ principal, query }, deps: ServiceDeps) => {
    const page = await listDeliveries(deps, principal.shopId, {
      status: query.status ?? null,
      dispatch: query.dispatch ?? null,
      driverId: principal.kind === 'driver' ? principal.driverId : (query.driverId ?? null),
      orderRef: query.sellerOrderId ?? null,
      beforeId: query.cursor ?? null,
      limit: query.limit,
    });
    const before = await stopsBefore(deps, page.items);
    const seen = seenBy(principal, deps);
    const items = page.items.map((row) => ({
      ...deliveryView(seen(row), principal.kind),
      stopsBefore: before.get(row.id) ?? null,
    }));
    return { status: 200, body: { items, next: page.next } };
  },
});

const getDelivery = endpoint({
  method: 'GET',
  path: '/v1/deliveries/:id',
  auth: ['shop:read', 'driver'],
  params: ofDelivery,
  handle: async ({ principal, params }, deps: ServiceDeps) => {
    const holder = principal.kind === 'driver' ? principal.driverId : null;
    const found = await readDelivery(deps, principal.shopId, params.id, holder);
    if (found === null) throw new Problem('not_found');
    const before = await stopsBefore(deps, [found.delivery]);
    return {
      status: 200,
      body: {
        ...deliveryView(seenBy(principal, deps)(found.delivery), principal.kind),
        stopsBefore: before.get(params.id) ?? null,
        ...(principal.kind === 'shop' && { trackingUrl: deps.links.urlOf(params.id) }),
        proofAsked: await readProofAsked(deps, found.delivery),
        events: eventsSeenBy(principal, found, deps).map(deliveryEventView),
      },
    };
  },
});

const postDeliveryStatus = endpoint({
  method: 'POST',
  path: '/v1/deliveries/:id/status',
  auth: ['driver', 'shop:dispatch'],
  params: ofDelivery,
  body: deliveryMove,
  handle: async (input, deps: ServiceDeps) => {
    const { principal, params, body } = input;
    const caller = callerOf(input);
    const by = { shopId: principal.shopId, driverId: principal.kind === 'driver' ? principal.driverId : null };
    const { result, headers } = settled(await moveDelivery(deps, caller, by, params.id, body));
    switch (result.outcome) {
      case 'moved':
      case 'unchanged':
        return reply(caller, 200, deliveryView(seenBy(principal, deps)(result.delivery), principal.kind), headers);
      case 'proof_missing':
        throw proofProblem(result, body);
      case 'wrong_pincode':
      case 'pincode_missing':
      case 'pincode_locked':
        throw pincodeProblem(result, headers);
      case 'illegal': {
        const allowed = allowedNext(result.previous);
        throw new Problem('conflict_state', `It is ${result.previous}, which cannot become ${body.status}`, {
          extra: { deliveryStatus: result.previous, allowed },
        });
      }
      case 'not_found':
        throw new Problem('not_found');
    }
  },
});

type Asking = ShopPrincipal | DriverPrincipal;

function seenBy(principal: Asking, { clock }: Pick<ServiceDeps, 'clock'>): (row: DeliveryRow) => DeliveryRow {
  return principal.kind === 'shop' ? (row) => row : (row) => asDriverSees(row, clock.nowMs());
}

function eventsSeenBy(
  principal: Asking,
  { delivery, events }: NonNullable<Awaited<ReturnType<typeof readDelivery>>>,
  { clock }: Pick<ServiceDeps, 'clock'>,
) {
  return principal.kind === 'shop' ? events : eventsDriverSees(events, delivery, principal.driverId, clock.nowMs());
}

export const endpoints = [
  putDriverStatus,
  getDriverStatus,
  getDeliveries,
  getDelivery,
  postDeliveryStatus,
  getDecisions,
  getNumbers,
  getTracking,
  ...customerEndpoints,
  getTrackingLink,
  getEta,
  ...routes,
];

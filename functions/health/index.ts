import type { HealthDeps } from '#shared/composition/health-deps.ts';
import { checkHealth } from '#shared/flows/check-health.ts';
import { type Answer, endpoint } from '#shared/http/endpoint.ts';

/** What a load balancer, Docker and people ask. 503 only when Postgres or its tables are away. */
async function health(deps: HealthDeps): Promise<Answer> {
  const found = await checkHealth(deps);
  const status = found.status === 'down' ? 503 : 200;
  return { status, body: found, ...(status === 503 && { headers: { 'retry-after': '1' } }) };
}

const getHealth = endpoint({
  method: 'GET',
  path: '/health',
  auth: 'none',
  alwaysAdmit: true,
  handle: (_input, deps: HealthDeps) => health(deps),
});

const getReady = endpoint({
  method: 'GET',
  path: '/health/ready',
  auth: 'none',
  alwaysAdmit: true,
  handle: (_input, deps: HealthDeps) => health(deps),
});

/** The process runs; asks nobody. */
const getLive = endpoint({
  method: 'GET',
  path: '/health/live',
  auth: 'none',
  alwaysAdmit: true,
  handle: (_input, _deps: HealthDeps) => ({ status: 200, body: { status: 'ok' } }),
});

export const endpoints = [getHealth, getReady, getLive];

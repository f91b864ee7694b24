import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { type Lambda, startLambda, toEvent } from '#shared/testing/lambda-emulator.ts';
import { openStage, type Stage } from '#shared/testing/page-stage.ts';

/*
 * What the pages need is in their functions' bundles: pages, scripts and pictures come from a Lambda as they come from
 * the server. The bundles are those of the last build.
 */

const SECRETS = { TOKEN_SECRET: 'a token secret for the tests, 32+' };
/** One black pixel, and no word of who took it: nothing is taken out of it. */
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==',
  'base64',
);
const lambdas: Lambda[] = [];
let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => {
  await Promise.all(lambdas.map((lambda) => lambda.stop()));
  await stage.close();
});

async function open(name: string): Promise<Lambda['invoke']> {
  const bundle = path.join(projectRoot(), 'dist', 'functions', `${name}.mjs`);
  const lambda = await startLambda({ bundle, env: { ...SECRETS, ...stage.environment, LOG_LEVEL: 'silent' } });
  lambdas.push(lambda);
  return lambda.invoke;
}

test.each(['console', 'drive'])('%s: the page and every file it names', async (name) => {
  const invoke = await open(name);
  const page = await invoke(toEvent({ path: `/${name}` }));
  expect(page.statusCode).toBe(200);
  const named = [...page.body!.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, file]) => file!);
  expect(named.length).toBeGreaterThan(2);
  for (const file of named) expect((await invoke(toEvent({ path: file }))).statusCode, file).toBe(200);
});

test('a login, its cookie, and what may be asked with it', async () => {
  const invoke = await open('console');
  const login = await invoke(
    toEvent({
      method: 'POST',
      path: '/console/session',
      headers: { 'content-type': 'application/json', 'x-forwarded-proto': 'https' },
      body: JSON.stringify({ key: stage.key }),
    }),
  );
  const set = String(login.headers?.['set-cookie']);
  expect(set).toMatch(/; HttpOnly; SameSite=Strict; Max-Age=43200; Secure$/);
  const [cookie = ''] = set.split(';');
  const ask = (headers: Record<string, string>) =>
    invoke(toEvent({ path: '/console/session', headers: { cookie, 'x-forwarded-proto': 'https', ...headers } }));
  expect((await ask({ 'sec-fetch-site': 'same-origin' })).statusCode).toBe(200);
  expect((await ask({ 'sec-fetch-site': 'cross-site' })).statusCode).toBe(401);
});

/** A whole board is written out once for all who ask, and so is bytes to a Lambda. */
function jsonOf({ body = '', isBase64Encoded }: { body?: string | undefined; isBase64Encoded?: boolean | undefined }) {
  return JSON.parse(isBase64Encoded ? Buffer.from(body, 'base64').toString() : body);
}

test('changes are asked for, and a photograph comes back as it was sent', async () => {
  const { id } = await stage.api('POST', '/v1/drivers', { name: 'Asha' });
  await stage.api('POST', `/v1/drivers/${id}/location`, { lat: 52.5291, lon: 13.4013 });
  await stage.api('PUT', `/v1/drivers/${id}/status`, { status: 'AVAILABLE' });
  const headers = { authorization: `Bearer ${stage.key}` };
  const stream = await open('stream');
  const first = jsonOf(await stream(toEvent({ path: '/v1/changes', headers })));
  expect(first).toMatchObject({ full: true, drivers: [{ id }] });
  const delivery = await stage.api('POST', '/v1/deliveries', { dropoff: { lat: 52.52, lon: 13.41 } });
  const next = jsonOf(await stream(toEvent({ path: `/v1/changes?after=${first.cursor}`, headers })));
  expect(next).toMatchObject({ full: false, deliveries: [{ id: delivery.id, status: 'ASSIGNED' }] });
  expect((await stream(toEvent({ path: '/v1/changes?after=-1', headers }))).statusCode).toBe(422);
  const proofs = await open('proofs');
  const proof = { path: `/v1/deliveries/${delivery.id}/proof`, headers: { ...headers, 'content-type': 'image/png' } };
  // Whoever asks can claim any Host.
  const forged = { ...proof, headers: { ...proof.headers, host: 'evil.example' } };
  const kept = await proofs(toEvent({ ...forged, method: 'POST', body: PNG }));
  expect(kept.statusCode).toBe(201);
  const { photoUrl } = JSON.parse(kept.body!);
  expect(photoUrl).toBe(proof.path);
  expect(
    (await proofs(toEvent({ ...proof, method: 'POST', body: Buffer.from('<svg onload=alert(1)>') }))).statusCode,
  ).toBe(415);
  const back = await proofs(toEvent(proof));
  expect(back).toMatchObject({ statusCode: 200, isBase64Encoded: true, headers: { 'content-type': 'image/png' } });
  expect(Buffer.from(back.body!, 'base64').equals(PNG)).toBe(true);
  for (let n = 0; n < 2; n += 1) {
    expect((await proofs(toEvent({ ...proof, method: 'DELETE' }))).statusCode).toBe(204);
    expect((await proofs(toEvent(proof))).statusCode).toBe(404);
  }
  for (const status of ['PICKED_UP', 'DELIVERED'])
    await stage.api('POST', `/v1/deliveries/${delivery.id}/status`, { status, proof: { photoUrl } });
  expect((await stage.api('GET', `/v1/deliveries/${delivery.id}`)).proof).toEqual({ photoUrl });
});

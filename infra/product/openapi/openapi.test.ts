/* biome-ignore-all lint/suspicious/noExplicitAny: a JSON document is looked into at many depths */
import fs from 'node:fs';
import path from 'node:path';
import type { HttpBindings } from '@hono/node-server';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { routes } from '#functions/api.ts';
import { mountStream } from '#functions/stream/mount-stream.ts';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { PROBLEMS } from '#shared/http/problem.ts';
import { buildDocument } from './document.ts';
import { generate } from './generate.ts';
import { NOT_DESCRIBED } from './not-described.ts';
import { OPERATIONS } from './operations.ts';

const document = buildDocument(routes, '1.0.0') as any;
const operations = Object.values(document.paths).flatMap((methods: any) => Object.values(methods)) as any[];

test('what is committed is what the contract says (npm run openapi)', async () => {
  for (const [file, text] of Object.entries(await generate())) {
    expect(fs.readFileSync(path.join(projectRoot(), file), 'utf8') === text, `${file} is stale: npm run openapi`).toBe(
      true,
    );
  }
});

test('the README’s table of endpoints leaves none out', () => {
  const readme = fs.readFileSync(path.join(projectRoot(), 'README.md'), 'utf8');
  const [, table = ''] = /## Endpoints([\s\S]*?)\n## /.exec(readme) ?? [];
  const lastWordOf = (at: string) => at.match(/\/[a-z-]+(?=(\/\{\w+\})*$)/)?.[0];
  const words = Object.keys(document.paths).map((at) => lastWordOf(at) ?? at);
  expect(words.filter((word) => !new RegExp(`${word}\\b`).test(table))).toEqual([]);
});

test('a linter finds nothing to say', async () => {
  const config = await createConfig({
    extends: ['recommended-strict'],
    rules: {
      // Health and webhook operations that no 4xx is promised for.
      'operation-4xx-response': 'off',
      'no-server-example.com': 'error',
    },
  });
  const problems = await lintFromString({ source: JSON.stringify(document), absoluteRef: 'openapi.json', config });
  expect(problems.map(({ ruleId, message, location }) => `${ruleId}: ${message} at ${location[0]?.pointer}`)).toEqual(
    [],
  );
});

test('an endpoint that nobody described, or a description without an endpoint, is an error', () => {
  expect(() => buildDocument(routes.slice(1), '1')).toThrow(/describes in vain: .*\/v1/);
  const nobodys = { method: 'GET', path: '/v1/new', auth: 'none', schemas: {} } as const;
  expect(() => buildDocument([...routes, nobodys], '1')).toThrow(/GET \/v1\/new/);
});

test('every endpoint of every function is described, or left out for a reason; under /v1 none is left out', async () => {
  const folder = path.join(projectRoot(), 'functions');
  const found: string[] = streamRoutes();
  for (const name of fs.readdirSync(folder).filter((each) => fs.existsSync(path.join(folder, each, 'index.ts')))) {
    const { endpoints = [] } = (await import(path.join(folder, name, 'index.ts'))) as { endpoints?: Route[] };
    found.push(...endpoints.map(({ method, path: at }) => `${method} ${at}`));
  }
  expect(found.toSorted()).toEqual([...Object.keys(OPERATIONS), ...Object.keys(NOT_DESCRIBED)].toSorted());
  expect(Object.keys(NOT_DESCRIBED).filter((name) => name.includes(' /v1'))).toEqual([]);
});

type Route = { method: string; path: string };
function streamRoutes(): string[] {
  const app = new Hono<{ Bindings: HttpBindings }>();
  mountStream(app, {} as ServiceDeps).end();
  return app.routes.map(({ method, path: at }) => `${method} ${at}`);
}

describe('completeness', () => {
  test('operation ids are unique', () => {
    expect(new Set(operations.map((each) => each.operationId)).size).toBe(operations.length);
  });

  test('every mutation by somebody known takes an Idempotency-Key, but for what is the same when repeated, and codes that must not be kept', () => {
    const without = (Object.entries(document.paths) as [string, object][]).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(
          ([method, each]) => method !== 'get' && !JSON.stringify(each.parameters ?? []).includes('IdempotencyKey'),
        )
        .map(() => path),
    );
    expect(without.sort()).toEqual([
      '/events/seller-order-ready',
      '/v1/deliveries/{id}/proof',
      '/v1/deliveries/{id}/proof',
      '/v1/drivers/{id}/devices/{deviceId}',
      '/v1/drivers/{id}/heartbeat',
      '/v1/drivers/{id}/location',
      '/v1/drivers/{id}/locations',
      '/v1/drivers/{id}/pairings',
      '/v1/drivers/{id}/push',
      '/v1/drivers/{id}/push',
      '/v1/erasures',
      '/v1/locations',
      '/v1/pairings',
      '/v1/plans',
      '/v1/positions',
      '/v1/shops/{id}/keys/{keyId}',
      '/v1/track/{token}/instructions',
      '/v1/track/{token}/rating',
      '/v1/webhooks/vendure/{shop}',
    ]);
  });

  test('every problem is in the one schema and has an example', () => {
    const types = Object.keys(PROBLEMS).map((type) => `urn:problem:${type}`);
    expect(document.components.schemas.Problem.properties.type.enum).toEqual(types);
    const ajv = ajvOf();
    for (const { value } of Object.values(document.components.examples) as { value: unknown }[]) {
      expect(ajv.validate({ $ref: 'openapi#/components/schemas/Problem' }, value), ajv.errorsText()).toBe(true);
    }
  });

  test('every JSON body has an example, and it is as its schema says', () => {
    const ajv = ajvOf();
    for (const { operationId, requestBody } of operations.filter((each) => each.requestBody)) {
      if (requestBody.content['image/jpeg']) continue;
      const { schema, example } = requestBody.content['application/json'];
      expect(example, operationId).toBeDefined();
      expect(ajv.validate(refer(schema), example), `${operationId}: ${ajv.errorsText()}`).toBe(true);
    }
  });
});

function ajvOf() {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(document, 'openapi');
  return ajv;
}
function refer(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components', '"openapi#/components')) as object;
}

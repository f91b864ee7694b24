import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { openRouting } from './open-routing.ts';

const A = { lat: 52.5, lon: 13.4 };
const B = { lat: 52.6, lon: 13.5 };
const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('OSRM: the table is asked for each leg, longitude first, and its diagonal answered', async () => {
  let asked = '';
  const url = await serve((request, response) => {
    asked = request.url ?? '';
    response.end(
      JSON.stringify({
        code: 'Ok',
        durations: [
          [60, 999],
          [999, 120],
        ],
      }),
    );
  });
  expect(
    await openRouting({ url: `${url}/`, engine: 'osrm' }).durationsS(
      [
        [A, B],
        [B, A],
      ],
      'car',
    ),
  ).toEqual([60, 120]);
  expect(asked).toBe(
    '/table/v1/driving/13.4,52.5;13.5,52.6;13.5,52.6;13.4,52.5?sources=0;1&destinations=2;3&annotations=duration',
  );
});

test('OSRM knows one vehicle, a car: with others a way takes as much longer as in the estimate, without one as it says', async () => {
  const table = [
    [700, 700],
    [650, 650],
  ];
  const url = await serve((_, response) => response.end(JSON.stringify({ code: 'Ok', durations: table })));
  const routing = openRouting({ url, engine: 'osrm' });
  const there = async (vehicle: string | null) => Math.round((await routing.tableS([A, B], vehicle))![0]![1]!);
  expect(await there('car')).toBe(700);
  expect(await there(null)).toBe(700);
  expect(await there('bicycle')).toBe(1_167);
  expect(await there('foot')).toBe(3_769);
  expect(Math.round((await routing.durationsS([[A, B]], 'foot'))![0]!)).toBe(3_769);
});

test('a whole table: each place once, and null where a way is missing', async () => {
  let asked = '';
  const tables = [
    [
      [0, 60],
      [70, 0],
    ],
    [[0, 60]],
  ];
  const url = await serve((request, response) => {
    asked = request.url ?? '';
    response.end(JSON.stringify({ code: 'Ok', durations: tables.shift() }));
  });
  const routing = openRouting({ url, engine: 'osrm' });
  expect(await routing.tableS([A, B], null)).toEqual([
    [0, 60],
    [70, 0],
  ]);
  expect(asked).toBe('/table/v1/driving/13.4,52.5;13.5,52.6?annotations=duration');
  expect(await routing.tableS([A, B], null)).toBeNull();
});

test('Valhalla: it is told the vehicle', async () => {
  const bodies: string[] = [];
  const url = await serve((request, response) => {
    request.on('data', (chunk) => bodies.push(String(chunk)));
    request.on('end', () => response.end(JSON.stringify({ sources_to_targets: [[{ time: 77 }]] })));
  });
  expect(await openRouting({ url, engine: 'valhalla' }).durationsS([[A, B]], 'cargo_bike')).toEqual([77]);
  expect(JSON.parse(bodies.join(''))).toEqual({ sources: [A], targets: [B], costing: 'bicycle' });
});

test.each<[string, RequestListener]>([
  ['refuses', (_, response) => response.writeHead(500).end()],
  ['hangs', () => {}],
  ['knows no way', (_, response) => response.end(JSON.stringify({ durations: [[null]] }))],
  ['talks nonsense', (_, response) => response.end('<html>')],
])('a server that %s: null, within the time allowed', async (_, answer) => {
  const url = await serve(answer);
  const startedAt = performance.now();
  expect(await openRouting({ url, engine: 'osrm' }).durationsS([[A, B]], null)).toBeNull();
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

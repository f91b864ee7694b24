import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { startLambda, toEvent } from '#shared/testing/lambda-emulator.ts';
import { judged, median, type Row, sample, sideBySide } from './figures.ts';
import { cpuMs } from './process-cpu.ts';
import { SHOP_KEY, type World } from './world.ts';

const RAW = "export const handler = async () => ({ statusCode: 200, headers: {}, body: '{}' });\n";
/** One request each function answers with 200 by asking its stores. */
const ASK: Record<string, string> = {
  health: '/health',
  register: '/v1/drivers?limit=1',
  locate: '/v1/drivers/nearest?lat=52.5&lon=13.4',
  status: '/v1/deliveries?limit=1',
  assign: '/v1/deliveries/00000000-0000-7000-8000-000000000000/assign',
  webhook: '/v1/webhooks/vendure/default',
};

/** From the start of the process to the first answer, as Lambda would run the bundle, against a handler that does nothing. */
export async function coldRows(world: World): Promise<Row[]> {
  const service = await world.startService();
  await service.stop();
  const folder = mkdtempSync(path.join(os.tmpdir(), 'dispatch-bench-'));
  const raw = path.join(folder, 'raw.mjs');
  writeFileSync(raw, RAW);
  const rounds = Math.max(5, world.options.rounds);
  const rows: Row[] = [];
  for (const [name, target] of Object.entries(ASK)) {
    const bundle = path.join(projectRoot(), 'dist', 'functions', `${name}.mjs`);
    const idle = path.join(folder, `${name}.mjs`);
    writeFileSync(idle, `import ${JSON.stringify(pathToFileURL(bundle).href)};\n${RAW}`);
    const setUps: number[] = [];
    const both = await sideBySide(
      rounds,
      async () => {
        const setUp = await coldStart(idle, world.env, 'GET', '/');
        const method = name === 'assign' || name === 'webhook' ? 'POST' : 'GET';
        const whole = await coldStart(bundle, world.env, method, target);
        setUps.push(setUp.value / whole.value);
        return whole;
      },
      () => coldStart(raw, {}, 'GET', '/'),
    );
    const most = name === 'health' ? 1.2 : 2.2;
    rows.push({
      name: `cold start, ${name}`,
      unit: 'ms',
      ...both,
      wanted: `≤ ${most}`,
      reached: judged(both, both.ratio <= most),
      notes: [
        `floor: a handler that does nothing; CPU of one whole start; ${both.spread}`,
        parts(both.ratio, median(setUps)),
      ],
    });
  }
  rmSync(folder, { recursive: true });
  return rows;
}

/** Of the ratio; one floor is Node itself. @param setUp share of the whole until the bundle is loaded and opened */
function parts(ratio: number, setUp: number): string {
  const share = (floors: number): string => Math.max(0, floors).toFixed(2);
  const loaded = ratio * setUp;
  return `of the ratio: 1.00 Node, ${share(loaded - 1)} set-up, ${share(ratio - loaded)} connecting and the first answer`;
}

async function coldStart(bundle: string, env: Readonly<Record<string, string>>, method: string, target: string) {
  const startedAt = performance.now();
  const lambda = await startLambda({ bundle, env });
  try {
    const headers = { authorization: `Bearer ${SHOP_KEY}`, 'content-type': 'application/json' };
    const answer = await lambda.invoke(toEvent({ method, path: target, headers, body: method === 'POST' ? '{}' : '' }));
    if ((answer.statusCode ?? 500) >= 500)
      throw new Error(`${bundle} answered ${answer.statusCode}: ${lambda.output()}`);
    const tookMs = performance.now() - startedAt;
    const usedMs = cpuMs(lambda.pid);
    return sample(tookMs, { cpuUs: usedMs === null ? null : usedMs * 1000 });
  } finally {
    await lambda.stop();
  }
}

/** What a function weighs, minified. `npm run budget` refuses more than the budget; this shows how near it is. */
export async function bundleRows(): Promise<Row[]> {
  const folder = path.join(projectRoot(), 'dist', 'functions');
  const sizes = readdirSync(folder)
    .filter((file) => file.endsWith('.mjs'))
    .map((file) => ({ name: path.basename(file, '.mjs'), kib: statSync(path.join(folder, file)).size / 1024 }));
  const rowOf = (name: string, kib: number, most: number, notes: readonly string[]): Row => ({
    name: `bundle, ${name}`,
    unit: 'KiB',
    ours: sample(kib),
    floor: sample(most),
    ratio: kib / most,
    wanted: `≤ ${most} KiB`,
    reached: kib <= most,
    notes,
  });
  const core = sizes.filter(({ name }) =>
    ['register', 'locate', 'status', 'assign', 'webhook', 'relay'].includes(name),
  );
  const [heaviest = { name: '?', kib: Number.NaN }] = core.sort((a, b) => b.kib - a.kib);
  const health = sizes.find(({ name }) => name === 'health')?.kib ?? Number.NaN;
  const all = sizes.map(({ name, kib }) => `${name} ${kib.toFixed(0)}`).join(', ');
  return [rowOf(`heaviest (${heaviest.name})`, heaviest.kib, 350, [`KiB: ${all}`]), rowOf('health', health, 40, [])];
}

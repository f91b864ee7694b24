import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { signatureHeaders } from '#shared/webhooks/sign.ts';

const SECRET = `whsec_${Buffer.from('a secret of at least 24 bytes').toString('base64')}`;
const guide = fs.readFileSync(path.join(projectRoot(), 'infra/product/guides/with-a-vendure-shop.md'), 'utf8');
const [, source = ''] = /```js\n([\s\S]*?)```/.exec(guide) ?? [];

let folder: string;
let child: ChildProcess;
let url: string;
const said: string[] = [];

/** As pasted, but for a port that is free, which it says. */
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'receiver-'));
  const listening = source.replace(
    /\.listen\(.*\);/,
    ".listen(0, '127.0.0.1', function () { console.log(this.address().port); });",
  );
  expect(listening).not.toBe(source);
  fs.writeFileSync(path.join(folder, 'receiver.mjs'), listening);
  child = spawn(process.execPath, [path.join(folder, 'receiver.mjs')], {
    env: { WEBHOOK_SECRET: SECRET },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout!);
  const [port] = (await once(lines, 'line')) as [string];
  lines.on('line', (line) => said.push(line));
  url = `http://127.0.0.1:${port}`;
});
afterAll(async () => {
  child.kill();
  await once(child, 'exit');
  fs.rmSync(folder, { recursive: true });
});

async function send(sequence: number, status: string, change: { secret?: string; agoS?: number; body?: string } = {}) {
  const event = { event: `DELIVERY_${status}_V1`, version: 1, sequence, deliveryId: 'd1', sellerOrderId: 'O1', status };
  const body = JSON.stringify(event);
  const timestampS = Math.floor(Date.now() / 1000) - (change.agoS ?? 0);
  const headers = signatureHeaders({ id: `msg_${sequence}`, timestampS, body, secrets: [change.secret ?? SECRET] });
  return (await fetch(url, { method: 'POST', headers: { ...headers }, body: change.body ?? body })).status;
}

test('the guide’s receiver takes what is genuine, does it once and in order, and refuses the rest', async () => {
  expect(await send(1, 'ASSIGNED')).toBe(204);
  expect(await send(1, 'ASSIGNED')).toBe(204);
  expect(await send(3, 'DELIVERED')).toBe(204);
  expect(await send(2, 'PICKED_UP')).toBe(204);
  expect(await send(4, 'FAILED', { secret: `whsec_${Buffer.alloc(32, 1).toString('base64')}` })).toBe(401);
  expect(await send(4, 'FAILED', { agoS: 301 })).toBe(401);
  expect(await send(4, 'FAILED', { body: '{}' })).toBe(401);
  expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(401);
  expect(said).toEqual(['O1 DELIVERY_ASSIGNED_V1 ASSIGNED', 'O1 DELIVERY_DELIVERED_V1 DELIVERED']);
});

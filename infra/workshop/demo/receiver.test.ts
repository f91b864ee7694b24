import { afterEach, expect, it } from 'vitest';
import { signatureHeaders } from '#shared/webhooks/sign.ts';
import { openLedger } from './ledger.ts';
import { type Receiver, startReceiver } from './receiver.ts';

const SECRET = `whsec_${Buffer.alloc(32, 1).toString('base64')}`;
const BODY = JSON.stringify({
  id: 'e1',
  event: 'X',
  sequence: 1,
  deliveryId: 'd1',
  sellerOrderId: 'o1',
  status: 'PENDING',
});
const open: Receiver[] = [];
afterEach(() => Promise.all(open.splice(0).map((receiver) => receiver.close())));

async function start(lose: number) {
  const heard: string[] = [];
  const ledger = openLedger(SECRET);
  const receiver = await startReceiver(ledger, { lose, random: () => 0.5, heard: ({ id }) => heard.push(id) });
  open.push(receiver);
  const post = async (body = BODY) => {
    const headers = signatureHeaders({
      id: 'e1',
      timestampS: Math.floor(Date.now() / 1000),
      body: BODY,
      secrets: [SECRET],
    });
    return (await fetch(receiver.url, { method: 'POST', headers, body })).status;
  };
  return { ledger, receiver, heard, post };
}

it('takes a signed webhook, tells of it once, and refuses one whose bytes were changed', async () => {
  const { ledger, heard, post } = await start(0);
  expect([await post(), await post(), await post(`${BODY} `)]).toEqual([204, 204, 401]);
  expect(heard).toEqual(['e1']);
  expect([ledger.verified(), ledger.copies(), ledger.violations().get('signature')]).toEqual([1, 1, 1]);
});

it('loses an answer on purpose once, and none when it has to be reliable', async () => {
  const { ledger, post } = await start(1);
  expect([await post(), await post()]).toEqual([503, 204]);
  expect(ledger.copies()).toBe(1);
  const reliable = await start(1);
  reliable.receiver.beReliable();
  expect(await reliable.post()).toBe(204);
});

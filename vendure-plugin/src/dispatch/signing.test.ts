import { describe, expect, it } from 'vitest';
import { decodeSecret, signedHeaders, verifySigned } from './signing';

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}', nowMs: 1_614_265_330_000 };

describe('signatures', () => {
  it('are those of Standard Webhooks: the example of its specification', () => {
    expect(signedHeaders({ ...message, secrets: [secret] })['webhook-signature']).toBe(
      'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    );
  });

  it('are accepted with either secret during a rotation, and with no other', () => {
    const body = Buffer.from(message.body);
    const headers = signedHeaders({ ...message, secrets: [other] });
    const verify = (secrets: string[]) => verifySigned({ headers, body, secrets, nowMs: message.nowMs });
    expect(verify([secret, other])).toBe(message.id);
    expect(verify([secret])).toBeNull();
    expect(verify([])).toBeNull();
  });

  it('never come from an empty or short secret', () => {
    for (const weak of ['', 'whsec_', `whsec_${Buffer.alloc(23).toString('base64')}`, 'whsec_not base64!'])
      expect(decodeSecret(weak)).toBeNull();
  });
});

import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { fetchSecret } from '../lambda/fetch-secret.ts';
import { revealSecrets } from '../lambda/reveal-secrets.ts';

const A = 'arn:aws:secretsmanager:eu-central-1:1:secret:a-AbCdEf';
const B = 'arn:aws:secretsmanager:eu-central-1:1:secret:b-AbCdEf';

test('references become secrets, wherever they stand; each secret is fetched once', async () => {
  const asked: string[] = [];
  const env = {
    PLAIN: 'as it is',
    WHOLE: `\${secret:${A}}`,
    URL: `postgres://u:\${secret:${B}#password}@h/\${secret:${A}}`,
  };
  await revealSecrets(env, async (arn) => {
    asked.push(arn);
    return arn === A ? '$& not a pattern' : '{"password":"p4"}';
  });
  expect(env).toEqual({ PLAIN: 'as it is', WHOLE: '$& not a pattern', URL: 'postgres://u:p4@h/$& not a pattern' });
  expect(asked.sort()).toEqual([A, B]);
});

test('a reference may name a version: two of one secret are two secrets', async () => {
  const env = { PRESENT: `\${secret:${A}@new}`, BEFORE: `\${secret:${A}@old}`, FIELD: `\${secret:${B}@1#password}` };
  await revealSecrets(env, async (arn, version) => (arn === A ? `the ${version} one` : `{"password":"of ${version}"}`));
  expect(env).toEqual({ PRESENT: 'the new one', BEFORE: 'the old one', FIELD: 'of 1' });
});

test('a secret may hold variables; what is set already stays', async () => {
  const env: Record<string, string> = { SECRET_ENVIRONMENT: `\${secret:${A}}`, KEPT: 'mine' };
  await revealSecrets(env, async () => '{"KEPT":"theirs","NEW":"1"}');
  expect(env).toMatchObject({ KEPT: 'mine', NEW: '1' });
});

test('a refusal names the variable, never a value', async () => {
  const refused = revealSecrets({ TOKEN_SECRET: `\${secret:${A}}` }, () => Promise.reject(new Error('AccessDenied')));
  await expect(refused).rejects.toThrow('The secret in TOKEN_SECRET could not be read');
  const missing = revealSecrets({ DATABASE_URL: `\${secret:${A}#password}` }, async () => '{"secret":"s3"}');
  await expect(missing).rejects.not.toThrow('s3');
});

afterEach(() => vi.unstubAllEnvs());

test('Secrets Manager is asked with the role’s signature', async () => {
  for (const [name, value] of [
    ['AWS_REGION', 'eu-central-1'],
    ['AWS_ACCESS_KEY_ID', 'AKID'],
    ['AWS_SECRET_ACCESS_KEY', 'k'],
    ['AWS_SESSION_TOKEN', 'session'],
  ])
    vi.stubEnv(name!, value!);
  const received: { request: IncomingMessage; body: string }[] = [];
  let answer: [number, object] = [200, { SecretString: 'the value' }];
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    received.push({ request, body });
    response.writeHead(answer[0]).end(JSON.stringify(answer[1]));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    expect(await fetchSecret(A, undefined, endpoint)).toBe('the value');
    expect(await fetchSecret(A, 'a-version', endpoint)).toBe('the value');
    const [{ request }] = received as [(typeof received)[number]];
    expect(received.map(({ body }) => JSON.parse(body))).toEqual([
      { SecretId: A },
      { SecretId: A, VersionId: 'a-version' },
    ]);
    expect(request.headers).toMatchObject({
      'x-amz-target': 'secretsmanager.GetSecretValue',
      'x-amz-security-token': 'session',
      authorization: expect.stringMatching(
        /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/eu-central-1\/secretsmanager\/aws4_request, SignedHeaders=[\w;-]*host[\w;-]*, Signature=[0-9a-f]{64}$/,
      ),
    });
    answer = [400, { __type: 'AccessDeniedException' }];
    await expect(fetchSecret(A, undefined, endpoint)).rejects.toThrow('400 AccessDeniedException');
  } finally {
    server.close();
  }
});

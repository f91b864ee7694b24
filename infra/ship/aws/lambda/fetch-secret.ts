import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';

const WITHIN_MS = 3_000;

/**
 * The value of the secret `arn`, asked of Secrets Manager with the Lambda's own role. One signed request instead of the
 * SDK, which takes longer to load than all else a cold start does.
 * @param version its id; the present one unless given
 * @param endpoint of Secrets Manager; that of the Lambda's region unless given
 * @throws Error with the status, and the name of the refusal, never with a value
 */
export async function fetchSecret(arn: string, version?: string, endpoint?: string): Promise<string> {
  const { AWS_REGION: region = '', AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  const url = new URL(endpoint ?? `https://secretsmanager.${region}.amazonaws.com/`);
  const signer = new SignatureV4({
    service: 'secretsmanager',
    region,
    sha256: Sha256,
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '',
      ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
    },
  });
  const body = JSON.stringify({ SecretId: arn, VersionId: version });
  const signed = await signer.sign({
    method: 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    path: '/',
    headers: {
      host: url.host,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'secretsmanager.GetSecretValue',
    },
    body,
  });
  const { status, text } = await send(url, signed.headers, body);
  const answer = JSON.parse(text) as { SecretString?: string; __type?: string };
  if (status !== 200 || answer.SecretString === undefined)
    throw new Error(`Secrets Manager: ${status} ${answer.__type ?? ''}`);
  return answer.SecretString;
}

function send(url: URL, headers: Record<string, string>, body: string): Promise<{ status: number; text: string }> {
  const request = url.protocol === 'http:' ? httpRequest : httpsRequest;
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, signal: AbortSignal.timeout(WITHIN_MS) }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

import type { APIGatewayProxyEventV2 } from 'aws-lambda';

export type LambdaAsk = {
  method?: string;
  /** With its query, as a client writes it. */
  path: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
};

/**
 * The event an API Gateway HTTP API (payload version 2.0) makes of a request: header names in lower case, cookies
 * apart, the body as text or, where it is bytes, in base64.
 */
export function toEvent({ method = 'GET', path, headers = {}, body }: LambdaAsk): APIGatewayProxyEventV2 {
  const mark = path.indexOf('?');
  const rawPath = mark < 0 ? path : path.slice(0, mark);
  const rawQueryString = mark < 0 ? '' : path.slice(mark + 1);
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const { cookie, ...rest } = lower;
  const query = new URLSearchParams(rawQueryString);
  const names = [...new Set(query.keys())];
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString,
    ...(cookie === undefined ? {} : { cookies: cookie.split('; ') }),
    headers: rest,
    ...(names.length === 0
      ? {}
      : { queryStringParameters: Object.fromEntries(names.map((name) => [name, query.getAll(name).join(',')])) }),
    requestContext: requestContext(method, rawPath, rest['user-agent'] ?? 'test'),
    ...bodyOf(body),
  };
}

function bodyOf(body: string | Uint8Array | undefined): Pick<APIGatewayProxyEventV2, 'body' | 'isBase64Encoded'> {
  if (body === undefined || body.length === 0) return { isBase64Encoded: false };
  if (typeof body === 'string') return { body, isBase64Encoded: false };
  return { body: Buffer.from(body).toString('base64'), isBase64Encoded: true };
}

function requestContext(method: string, path: string, userAgent: string): APIGatewayProxyEventV2['requestContext'] {
  return {
    accountId: '123456789012',
    apiId: 'api',
    domainName: 'api.execute-api.local',
    domainPrefix: 'api',
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent },
    requestId: 'JKJaXmPLvHcESHA=',
    routeKey: '$default',
    stage: '$default',
    time: '01/Jan/2026:00:00:00 +0000',
    timeEpoch: 1_767_225_600_000,
  };
}

import type { ALBEvent, APIGatewayProxyEvent, APIGatewayProxyEventV2 } from 'aws-lambda';
import { callerAddress } from './caller-address.ts';

/*
 * What may ask a Lambda over HTTP, as one shape: API Gateway by payload version 2.0 (HTTP APIs, function URLs) or 1.0
 * (REST APIs), and an application load balancer.
 */

export interface LambdaRequest {
  method: string;
  path: string;
  rawQuery: string;
  headers: Readonly<Record<string, string>>;
  remoteAddress?: string;
  callerAddress: string | null;
  bytes: Buffer;
}

type Named = Readonly<Record<string, string | undefined>> | null | undefined;
type Several = Readonly<Record<string, readonly string[] | undefined>> | null | undefined;

/** @returns null for what is no HTTP request: a warmer's empty event, a schedule, a message */
export function readLambdaRequest(event: unknown): LambdaRequest | null {
  if (typeof event !== 'object' || event === null) return null;
  const { requestContext, httpMethod } = event as Partial<APIGatewayProxyEvent & APIGatewayProxyEventV2>;
  if (typeof requestContext !== 'object' || requestContext === null) return null;
  if ('http' in requestContext) return ofVersion2(event as APIGatewayProxyEventV2);
  if (typeof httpMethod !== 'string') return null;
  return 'elb' in requestContext ? ofLoadBalancer(event as ALBEvent) : ofVersion1(event as APIGatewayProxyEvent);
}

function ofVersion2(event: APIGatewayProxyEventV2): LambdaRequest {
  const { http, stage } = event.requestContext;
  const headers = headersOf(event.headers, null);
  if (event.cookies && event.cookies.length > 0) headers.cookie = event.cookies.join('; ');
  const template = event.routeKey?.split(' ')[1];
  return {
    method: http.method,
    path: ownPath(event.rawPath, stage, template, event.pathParameters),
    rawQuery: event.rawQueryString ?? '',
    headers,
    remoteAddress: http.sourceIp,
    callerAddress: callerAddress(http.sourceIp, headers, 0),
    bytes: bytesOf(event),
  };
}

function ofVersion1(event: APIGatewayProxyEvent): LambdaRequest {
  const { stage, identity } = event.requestContext;
  const headers = headersOf(event.headers, event.multiValueHeaders);
  return {
    method: event.httpMethod,
    path: ownPath(event.path, stage, event.resource, event.pathParameters),
    rawQuery: queryOf(event.queryStringParameters, event.multiValueQueryStringParameters, encodeURIComponent),
    headers,
    remoteAddress: identity.sourceIp,
    callerAddress: callerAddress(identity.sourceIp, headers, 0),
    bytes: bytesOf(event),
  };
}

/** A load balancer leaves the query as it was written, and says who asks at the end of `X-Forwarded-For`. */
function ofLoadBalancer(event: ALBEvent): LambdaRequest {
  const headers = headersOf(event.headers, event.multiValueHeaders);
  const client = headers['x-forwarded-for']?.split(',').at(-1)?.trim();
  return {
    method: event.httpMethod,
    path: event.path,
    rawQuery: queryOf(event.queryStringParameters, event.multiValueQueryStringParameters, (text) => text),
    headers,
    ...(client !== undefined && { remoteAddress: client }),
    callerAddress: callerAddress('', headers, 1),
    bytes: bytesOf(event),
  };
}

function headersOf(single: Named, several: Several): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(single ?? {}))
    if (value !== undefined) headers[name.toLowerCase()] = value;
  for (const [name, values] of Object.entries(several ?? {})) {
    if (values && values.length > 0)
      headers[name.toLowerCase()] = values.join(name.toLowerCase() === 'cookie' ? '; ' : ', ');
  }
  return headers;
}

function queryOf(single: Named, several: Several, write: (text: string) => string): string {
  const pairs = Object.entries(several ?? single ?? {}).flatMap(([name, value]) =>
    [value ?? []].flat().map((each) => `${write(name)}=${write(each)}`),
  );
  return pairs.join('&');
}

function bytesOf({ body, isBase64Encoded }: { body?: string | null; isBase64Encoded?: boolean }): Buffer {
  return Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
}

/**
 * The path as our endpoints name it. In front of it may stand a named stage, and the base path under which a domain of
 * its own maps the API: the route that the gateway has matched says how much of the path's end is ours.
 * @param template `/v1/drivers/{id}`, `/{proxy+}`, or `$default`, which says nothing
 */
function ownPath(path: string, stage: string | undefined, template: string | undefined, parameters: Named): string {
  const inStage =
    stage !== undefined && stage !== '$default' && path.startsWith(`/${stage}/`) ? path.slice(stage.length + 1) : path;
  if (template === undefined || !template.startsWith('/') || template === '/') return inStage;
  const length = template
    .slice(1)
    .split('/')
    .reduce((sum, segment) => sum + lengthOf(segment, parameters), 0);
  const isOpen = inStage.endsWith('/');
  const segments = inStage.slice(1, isOpen ? -1 : undefined).split('/');
  return `/${segments.slice(-length).join('/')}`;
}

/** `{proxy+}` stands for as many segments as it was given. */
function lengthOf(segment: string, parameters: Named): number {
  const greedy = /^\{(.+)\+\}$/.exec(segment)?.[1];
  if (greedy === undefined) return 1;
  return (parameters?.[greedy] ?? '').replace(/\/$/, '').split('/').length;
}

import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { dispatch, type HostDeps, type IncomingRequest } from './dispatch.ts';
import type { Endpoint } from './endpoint.ts';
import { type LambdaRequest, readLambdaRequest } from './lambda-request.ts';
import { Problem, renderProblem } from './problem.ts';
import { openRouter } from './router.ts';

/** Says what the callers of `readLambdaRequest` understand; to a load balancer with lists of headers as lists too. */
export type LambdaResult = APIGatewayProxyStructuredResultV2 & {
  headers: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
};
export type LambdaHandler = (event: unknown) => Promise<LambdaResult>;

/**
 * Hosts endpoints in a Lambda, behind API Gateway or a load balancer. Maps the event to plain values directly: the first
 * `new Request()` alone costs 25 ms of a cold start. An event that is no request is refused in words: a warmer's has done
 * its work by then.
 */
export function lambda<Deps>(endpoints: readonly Endpoint<Deps>[], deps: Deps & HostDeps): LambdaHandler {
  const route = openRouter(endpoints);
  return async (event) => {
    const request = readLambdaRequest(event);
    if (request === null)
      return resultOf(renderProblem(new Problem('not_http', NO_REQUEST), 'urn:request:none'), event);
    const incoming = toIncoming(request);
    const response = await dispatch(route(incoming.method, incoming.path), incoming, deps);
    return resultOf(response, event);
  };
}

const NO_REQUEST = 'An event of API Gateway (payload version 2.0 or 1.0) or of a load balancer is needed';

function toIncoming({ bytes, ...request }: LambdaRequest): IncomingRequest {
  return {
    ...request,
    readBody: async (limit) => {
      if (bytes.length > limit) throw new Problem('too_large', `At most ${limit} bytes`);
      return bytes;
    },
  };
}

function resultOf(response: Awaited<ReturnType<typeof dispatch>>, event: unknown): LambdaResult {
  const headers = { ...response.headers };
  return {
    statusCode: response.status,
    headers,
    // A load balancer that sends lists takes nothing but lists.
    ...(isListing(event) && {
      multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    }),
    body: response.bytes === undefined ? response.body : Buffer.from(response.bytes).toString('base64'),
    isBase64Encoded: response.bytes !== undefined,
  };
}

function isListing(event: unknown): boolean {
  const { multiValueHeaders, requestContext } = (event ?? {}) as {
    multiValueHeaders?: unknown;
    requestContext?: object;
  };
  return Boolean(multiValueHeaders) && requestContext !== undefined && 'elb' in requestContext;
}

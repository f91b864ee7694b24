import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { transform } from 'esbuild';

export { toEvent } from './lambda-event.ts';

export type Lambda = {
  readonly pid: number;
  /** One invocation; several at once wait for each other, as they would in one execution environment. */
  invoke(event: unknown): Promise<APIGatewayProxyStructuredResultV2>;
  /** What the process wrote to standard output and standard error so far. */
  output(): string;
  stop(): Promise<void>;
};

type Invocation = {
  readonly event: unknown;
  readonly resolve: (result: APIGatewayProxyStructuredResultV2) => void;
  readonly reject: (error: Error) => void;
};

type Queue = {
  readonly waiting: Invocation[];
  readonly underWay: Map<string, Invocation>;
  /** The process asking for work while there is none. */
  idle: ServerResponse | null;
  failure: Error | null;
};

const TIMEOUT_MS = 30_000;

/**
 * Runs a bundle as AWS Lambda would: a Node process of its own, which fetches one invocation after the other from an
 * emulated Runtime API. `invoke` rejects where the handler throws, the bundle does not load, or the process ends.
 *
 * @param options.bundle path to an .mjs file that exports `handler`
 * @param options.env everything the function finds in its environment, besides what Lambda itself sets
 */
export async function startLambda(options: { bundle: string; env: Readonly<Record<string, string>> }): Promise<Lambda> {
  const queue: Queue = { waiting: [], underWay: new Map(), idle: null, failure: null };
  const api = createServer((request, response) => void answer(queue, request, response));
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  const child = await spawnRuntime(options, (api.address() as AddressInfo).port);
  let output = '';
  const keep = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const ended = once(child, 'exit').then(([code]) => fail(queue, new Error(`The function ended (${code}): ${output}`)));
  return {
    pid: child.pid ?? 0,
    invoke: (event) =>
      new Promise((resolve, reject) => {
        if (queue.failure) return reject(queue.failure);
        queue.waiting.push({ event, resolve, reject });
        handOut(queue);
      }),
    output: () => output,
    stop: () => stop(child, ended, api),
  };
}

async function spawnRuntime(
  { bundle, env }: { bundle: string; env: Readonly<Record<string, string>> },
  apiPort: number,
): Promise<ChildProcess> {
  const source = createRequire(import.meta.url).resolve('#shared/testing/lambda-bootstrap.ts');
  const { code } = await transform(readFileSync(source, 'utf8'), { loader: 'ts', format: 'esm', target: 'node20' });
  return spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: dirname(bundle),
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${apiPort}`,
      AWS_LAMBDA_FUNCTION_NAME: 'function',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_REGION: 'eu-central-1',
      LAMBDA_TASK_ROOT: dirname(bundle),
      LAMBDA_BUNDLE: bundle,
      ...env,
    },
  });
}

async function answer(queue: Queue, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request) text += chunk;
  const [, , , subject, id = '', kind] = (request.url ?? '').split('/');
  if (subject === 'invocation' && id === 'next') {
    queue.idle = response;
    return handOut(queue);
  }
  response.writeHead(202).end('{}');
  const value = JSON.parse(text);
  if (subject === 'init') return fail(queue, functionError(value));
  const invocation = queue.underWay.get(id);
  queue.underWay.delete(id);
  if (kind === 'response') invocation?.resolve(value);
  else invocation?.reject(functionError(value));
}

function handOut(queue: Queue): void {
  const { idle } = queue;
  const invocation = idle ? queue.waiting.shift() : undefined;
  if (!idle || !invocation) return;
  queue.idle = null;
  const id = crypto.randomUUID();
  queue.underWay.set(id, invocation);
  idle.writeHead(200, {
    'lambda-runtime-aws-request-id': id,
    'lambda-runtime-deadline-ms': String(Date.now() + TIMEOUT_MS),
    'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-central-1:123456789012:function:function',
    'content-type': 'application/json',
  });
  idle.end(JSON.stringify(invocation.event));
}

function fail(queue: Queue, error: Error): void {
  queue.failure ??= error;
  for (const { reject } of [...queue.waiting.splice(0), ...queue.underWay.values()]) reject(queue.failure);
  queue.underWay.clear();
}

function functionError(value: { errorType: string; errorMessage: string }): Error {
  return new Error(`${value.errorType}: ${value.errorMessage}`);
}

async function stop(child: ChildProcess, ended: Promise<void>, api: Server): Promise<void> {
  child.kill('SIGKILL');
  await ended;
  api.closeAllConnections();
  api.close();
}

/**
 * Plays the runtime inside a Lambda: a loop over the Runtime API (version 2018-06-01), as a custom runtime's
 * `bootstrap` does. Started by lambda-emulator.ts in a process of its own; imports nothing but Node, because what is
 * in this file is in every measurement made with it.
 */
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { pathToFileURL } from 'node:url';

type Handler = (event: unknown, context: Record<string, unknown>) => Promise<unknown>;
type Reply = { readonly headers: IncomingHttpHeaders; readonly text: string };

const [host, port] = (process.env.AWS_LAMBDA_RUNTIME_API ?? '').split(':');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function call(method: 'GET' | 'POST', path: string, value?: unknown): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request({ host, port, method, path: `/2018-06-01/runtime${path}`, agent }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve({ headers: response.headers, text }));
    });
    sent.on('error', reject);
    sent.end(value === undefined ? undefined : JSON.stringify(value));
  });
}

function describe(error: unknown): { errorType: string; errorMessage: string; stackTrace: string[] } {
  const known = error instanceof Error ? error : new Error(String(error));
  return { errorType: known.name, errorMessage: known.message, stackTrace: (known.stack ?? '').split('\n') };
}

async function load(): Promise<Handler> {
  try {
    const bundle: Record<string, unknown> = await import(pathToFileURL(process.env.LAMBDA_BUNDLE ?? '').href);
    if (typeof bundle.handler !== 'function') throw new Error('The bundle exports no handler');
    return bundle.handler as Handler;
  } catch (error) {
    await call('POST', '/init/error', describe(error));
    process.exit(1);
  }
}

async function serveNext(handler: Handler): Promise<void> {
  const { headers, text } = await call('GET', '/invocation/next');
  const id = String(headers['lambda-runtime-aws-request-id']);
  const deadlineMs = Number(headers['lambda-runtime-deadline-ms']);
  const context = {
    awsRequestId: id,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
  try {
    await call('POST', `/invocation/${id}/response`, (await handler(JSON.parse(text), context)) ?? null);
  } catch (error) {
    await call('POST', `/invocation/${id}/error`, describe(error));
  }
}

const handler = await load();
for (;;) await serveNext(handler);

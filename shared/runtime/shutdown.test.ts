import { EventEmitter, once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '#shared/testing/eventually.ts';
import { openLog } from './log.ts';
import { openShutdown } from './shutdown.ts';

const cleanups: (() => void)[] = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

function fakeProcess() {
  const emitter = new EventEmitter();
  const exited = new Promise<number>((resolve) => emitter.once('exited', resolve));
  return {
    emitter,
    exited,
    process: {
      on: (event: string, listener: (argument?: unknown) => void) => emitter.on(event, listener),
      exit: (code: number) => void emitter.emit('exited', code),
    },
  };
}

async function startServer(handle: (request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer(handle).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const agent = new Agent({ keepAlive: true });
  cleanups.push(() => {
    agent.destroy();
    server.closeAllConnections();
    server.close();
  });
  const ask = async (): Promise<IncomingMessage> => {
    const { port } = server.address() as AddressInfo;
    const [response] = (await once(get({ port, host: '127.0.0.1', agent }), 'response')) as [IncomingMessage];
    response.resume();
    return response;
  };
  return { server, ask };
}

const log = openLog({ level: 'silent' });

test.each([['SIGINT'], ['SIGTERM'], ['disconnect'], ['message']])(
  '%s: serves on, says goodbye, exits 0',
  async (event) => {
    const { server, ask } = await startServer((_request, response) => response.end('ok'));
    const { emitter, process, exited } = fakeProcess();
    const order: string[] = [];
    server.on('close', () => order.push('server'));
    const closeStores = async () => void order.push('stores');
    const shutdown = openShutdown({ process, server, closeStores, log, lameDuckMs: 100 });
    expect((await ask()).headers.connection).toBe('keep-alive');
    emitter.emit(event, event === 'message' ? 'shutdown' : undefined);
    expect(shutdown.draining()).toBe(true);
    expect((await ask()).headers.connection).toBe('close');
    expect(await exited).toBe(0);
    expect(order).toEqual(['server', 'stores']);
  },
);

test('a request under way when the signal comes is answered, and told to close', async () => {
  let finish = (): void => {};
  const started = new EventEmitter();
  const { server, ask } = await startServer((_request, response) => {
    finish = () => void response.end('late');
    started.emit('now');
  });
  const { emitter, process, exited } = fakeProcess();
  let storesClosed = false;
  const closeStores = async () => {
    storesClosed = true;
  };
  openShutdown({ process, server, closeStores, log, lameDuckMs: 1 });
  const underWay = once(started, 'now');
  const answer = ask();
  await underWay;
  emitter.emit('SIGTERM');
  emitter.emit('SIGINT');
  expect(storesClosed).toBe(false);
  finish();
  const response = await answer;
  expect([response.statusCode, response.headers.connection]).toEqual([200, 'close']);
  expect(await exited).toBe(0);
});

test('an answer that is made and not yet sent is sent to its end, however slowly it is read', async () => {
  // More than what lies between two sockets of one machine.
  const body = Buffer.alloc(32 * 1024 * 1024);
  const { server } = await startServer((_request, response) => response.end(body));
  const { emitter, process, exited } = fakeProcess();
  openShutdown({ process, server, closeStores: async () => {}, log, lameDuckMs: 1 });
  const { port } = server.address() as AddressInfo;
  const [response] = (await once(get({ port, host: '127.0.0.1' }), 'response')) as [IncomingMessage];
  emitter.emit('SIGTERM');
  await eventually(() => !server.listening);
  let length = 0;
  for await (const chunk of response) length += (chunk as Buffer).length;
  expect(length).toBe(body.length);
  expect(await exited).toBe(0);
});

test.each([
  ['nothing', ''],
  ['half a request', 'GET / HTTP/1.1\r\nHost: x\r\n'],
])('a connection that has sent %s keeps no process: exit 0', async (_what, sent) => {
  const { server } = await startServer((_request, response) => response.end('ok'));
  const { emitter, process, exited } = fakeProcess();
  const accepted = once(server, 'connection');
  const client = net.connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => {});
  cleanups.push(() => client.destroy());
  client.write(sent);
  await accepted;
  openShutdown({ process, server, closeStores: async () => {}, log, lameDuckMs: 1, hardExitMs: 3_000 });
  emitter.emit('SIGTERM');
  expect(await exited).toBe(0);
});

test('what hangs is left behind with exit 1', async () => {
  const { emitter, process, exited } = fakeProcess();
  openShutdown({ process, closeStores: () => new Promise(() => {}), log, hardExitMs: 20 });
  emitter.emit('SIGTERM');
  // The hard exit's timer keeps no process alive, so something else must, as open connections do in production.
  const keepAlive = setInterval(() => {}, 1_000);
  cleanups.push(() => clearInterval(keepAlive));
  expect(await exited).toBe(1);
});

test('stores that fail to close give exit 1; other messages stop nothing', async () => {
  const { emitter, process, exited } = fakeProcess();
  const shutdown = openShutdown({ process, closeStores: () => Promise.reject(new Error('no')), log });
  emitter.emit('message', 'hello');
  expect(shutdown.draining()).toBe(false);
  emitter.emit('message', 'shutdown');
  expect(await exited).toBe(1);
});

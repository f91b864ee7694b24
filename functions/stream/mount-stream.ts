import type { ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Hono } from 'hono';
import * as v from 'valibot';
import { cursor } from '#shared/contract/nouns.ts';
import { DependencyAway } from '#shared/domain/away.ts';
import { type FeedMessage, openLiveFeed } from '#shared/flows/live-feed.ts';
import { mayAsk } from '#shared/http/principal.ts';
import { type HttpHeaders, Problem, renderProblem } from '#shared/http/problem.ts';
import type { ServiceDeps } from '#shared/runtime/deps.ts';
import { stream } from './index.ts';

/** Pages that watch one process at once. */
const MOST = 500;
/** After this a page has to show its proof again: it comes back by itself, with its cursor. */
const LONGEST_MS = 10 * 60_000;
/** What may lie unread in a connection: a page that reads slower than this is let go, and catches up when it is back. */
const UNREAD_MAX = 4 * 1024 * 1024;

/**
 * `GET /v1/stream`: the changes of a shop as server-sent events, resumed after `Last-Event-ID`. Only where the host is
 * a server: an API Gateway answers once and in full, so there the pages ask `/v1/changes`.
 * @returns how to end all streams, for a server that stops
 */
export function mountStream(app: Hono<{ Bindings: HttpBindings }>, deps: ServiceDeps): { end: () => void } {
  const feed = openLiveFeed(deps, (error) => deps.log.error('live_feed_failed', { error }));
  const open = new Set<ServerResponse>();
  app.get(stream.path, async (c) => {
    const { incoming, outgoing } = c.env;
    const headers = incoming.headers as HttpHeaders;
    try {
      const shopId = await watcherOf(headers, deps);
      if (open.size >= MOST) throw new Problem('unavailable', 'Too many streams');
      const after = v.safeParse(cursor, headers['last-event-id']);
      await serveStream(outgoing as ServerResponse, open, (send) =>
        feed.watch(shopId, after.success ? after.output : null, send),
      );
      deps.log.info('stream_opened', { shopId, open: open.size, resumed: after.success });
      return RESPONSE_ALREADY_SENT;
    } catch (error) {
      logFailure(error, deps);
      if (outgoing.headersSent) {
        // An answer now would be written into the stream. It ends, and the page comes again, with its cursor.
        outgoing.end();
        return RESPONSE_ALREADY_SENT;
      }
      const { status, headers: told, body } = renderProblem(error, 'urn:request:stream');
      return new Response(body, { status, headers: { ...told, 'cache-control': 'no-store' } });
    }
  });
  return {
    end: () => {
      for (const response of open) response.end();
      feed.close();
    },
  };
}

function logFailure(error: unknown, { log }: Pick<ServiceDeps, 'log'>): void {
  if (error instanceof DependencyAway) log.warn('dependency_away', { dependency: error.dependency, error });
  else if (!(error instanceof Problem)) log.error('live_feed_failed', { error });
}

async function watcherOf(headers: HttpHeaders, deps: ServiceDeps): Promise<string> {
  const principal = await deps.authenticate(headers);
  if (principal === null) throw new Problem('unauthorized');
  if (principal.kind !== 'shop' || !mayAsk(principal, stream.auth)) throw new Problem('forbidden');
  return principal.shopId;
}

/** The head goes out with the first message, so that a feed that cannot begin is still a problem document. */
async function serveStream(
  response: ServerResponse,
  open: Set<ServerResponse>,
  watch: (send: (message: FeedMessage) => void) => Promise<() => void>,
): Promise<void> {
  const send = (message: FeedMessage) => {
    if (response.destroyed) return;
    if (!response.headersSent) {
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        'x-content-type-options': 'nosniff',
      });
    }
    if (response.writableLength > UNREAD_MAX) response.destroy();
    else response.write(render(message));
  };
  const leave = await watch(send);
  if (response.destroyed) return leave();
  open.add(response);
  const enough = setTimeout(() => response.end(), LONGEST_MS);
  enough.unref();
  response.once('close', () => {
    clearTimeout(enough);
    open.delete(response);
    leave();
  });
}

function render(message: FeedMessage): string {
  switch (message.kind) {
    case 'changes':
      return `id: ${message.changes.cursor}\nevent: changes\ndata: ${JSON.stringify(message.changes)}\n\n`;
    case 'positions':
      return `event: positions\ndata: ${JSON.stringify({ positions: message.positions, silent: message.silent })}\n\n`;
    case 'tick':
      return `id: ${message.cursor}\nevent: tick\ndata: {}\n\n`;
  }
}

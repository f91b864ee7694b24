import type { ServerResponse } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Hono } from 'hono';
import * as v from 'valibot';
import type { ServiceDeps } from '#shared/composition/deps.ts';
import { type FeedMessage, type LiveFeed, openLiveFeed } from '#shared/composition/live-feed.ts';
import { cursor } from '#shared/contract/nouns.ts';
import { DependencyAway } from '#shared/domain/away.ts';
import { dispatch } from '#shared/http/dispatch.ts';
import { endpoint } from '#shared/http/endpoint.ts';
import { pointsOfBytes } from '#shared/http/limits.ts';
import { toIncoming } from '#shared/http/node.ts';
import { mayAsk, type ShopPrincipal } from '#shared/http/principal.ts';
import { type HttpHeaders, Problem } from '#shared/http/problem.ts';
import { stream } from './index.ts';
import { openStreamPlaces } from './stream-places.ts';

/** After this a page has to come again, which it does by itself, with its cursor. */
const LONGEST_MS = 10 * 60_000;
/** With what a proof is remembered for (open-authentication.ts, find-keys.ts), a withdrawn one hears nothing after 10 s. */
const RECHECK_MS = 2_000;
/**
 * What may lie unread in a connection beside the largest message that is on its way, which may be a board of any size: a
 * page that reads slower than this is let go, and catches up when it is back.
 */
const UNREAD_MAX = 4 * 1024 * 1024;
const HEAD = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
};

interface OpenStream {
  response: ServerResponse;
  headers: HttpHeaders;
  shopId: string;
}

/**
 * `GET /v1/stream`: the changes of a shop as server-sent events, resumed after `Last-Event-ID`. Only where the host is
 * a server: an API Gateway answers once and in full, so there the pages ask `/v1/changes`. A stream is begun as any
 * request is answered (http/dispatch.ts), so that refusals are limited, logged and measured like all others.
 * @returns how to end all streams, for a server that stops
 */
export function mountStream(
  app: Hono<{ Bindings: HttpBindings }>,
  deps: ServiceDeps,
  trustedProxies = 0,
): { end: () => void } {
  const feed = openLiveFeed(deps, (error) => deps.log.error('live_feed_failed', { error }));
  const places = openStreamPlaces(deps.limits);
  const open = new Set<OpenStream>();
  let isEnded = false;
  app.get(stream.path, async (c) => {
    const outgoing = c.env.outgoing as ServerResponse;
    const incoming = toIncoming(c.env.incoming, performance.now(), trustedProxies);
    const isHead = incoming.method === 'HEAD';
    const opening = { isGivenUp: false };
    const route = endpoint({
      method: 'GET',
      path: stream.path,
      auth: stream.auth,
      handle: async ({ principal, headers }) => {
        if (isHead) return { status: 200, headers: HEAD };
        if (isEnded) throw new Problem('unavailable', 'This server stops');
        const giveBack = places.take(principal);
        const bytes = await serveStream({ outgoing, headers, principal, opening, open, feed, giveBack });
        // One that had not begun when all were ended.
        if (isEnded) outgoing.end();
        // What its beginning costs is known now: thousands of rows are not as cheap as one.
        deps.limits?.spend(principal, pointsOfBytes(bytes), 'anyway');
        deps.log.info('stream_opened', { shopId: principal.shopId, open: open.size });
        return { status: 200 };
      },
    });
    const response = await dispatch({ kind: 'found', route, params: {} }, incoming, deps);
    if (isHead) return new Response(null, { status: response.status, headers: { ...response.headers } });
    if (response.status === 200) return RESPONSE_ALREADY_SENT;
    opening.isGivenUp = true;
    if (!outgoing.headersSent)
      return new Response(response.body, { status: response.status, headers: { ...response.headers } });
    // An answer now would be written into the stream. It ends, and the page comes again, with its cursor.
    outgoing.end();
    return RESPONSE_ALREADY_SENT;
  });
  const rechecking = setInterval(() => {
    for (const each of open) void recheck(each, deps);
  }, RECHECK_MS);
  rechecking.unref();
  return {
    end: () => {
      isEnded = true;
      clearInterval(rechecking);
      for (const { response } of open) response.end();
      feed.close();
    },
  };
}

/** Ends a stream whose key or session has been withdrawn. While Postgres is away nobody can withdraw one. */
async function recheck({ response, headers, shopId }: OpenStream, deps: ServiceDeps): Promise<void> {
  try {
    const principal = await deps.authenticate(headers);
    const isGood = principal?.kind === 'shop' && principal.shopId === shopId && mayAsk(principal, stream.auth);
    if (!isGood) response.end();
  } catch (error) {
    if (!(error instanceof DependencyAway)) deps.log.error('live_feed_failed', { error });
  }
}

interface Opening {
  outgoing: ServerResponse;
  headers: HttpHeaders;
  principal: ShopPrincipal;
  /** Whoever asked has been answered otherwise. */
  opening: { isGivenUp: boolean };
  open: Set<OpenStream>;
  feed: LiveFeed;
  giveBack: () => void;
}

/**
 * The head goes out with the first message, so that a feed that cannot begin is still a problem document.
 * @returns the bytes it began with
 */
async function serveStream(parts: Opening): Promise<number> {
  const { outgoing, headers, principal, opening, open, feed, giveBack } = parts;
  let bytes = 0;
  let largest = 0;
  outgoing.on('drain', () => {
    largest = 0;
  });
  const send = (message: FeedMessage) => {
    if (outgoing.destroyed || outgoing.writableEnded || opening.isGivenUp) return;
    if (!outgoing.headersSent) outgoing.writeHead(200, HEAD);
    if (outgoing.writableLength > UNREAD_MAX + largest) return void outgoing.destroy();
    let length = 0;
    outgoing.cork();
    for (const part of render(message)) {
      length += part.length;
      outgoing.write(part);
    }
    outgoing.uncork();
    bytes += length;
    largest = Math.max(largest, length);
  };
  const { shopId } = principal;
  const after = v.safeParse(cursor, headers['last-event-id']);
  let leave: () => void;
  try {
    leave = await feed.watch(shopId, after.success ? after.output : null, send);
  } catch (error) {
    giveBack();
    throw error;
  }
  const entry: OpenStream = { response: outgoing, headers, shopId };
  const enough = setTimeout(() => outgoing.end(), LONGEST_MS);
  enough.unref();
  const close = () => {
    clearTimeout(enough);
    open.delete(entry);
    giveBack();
    leave();
  };
  if (outgoing.destroyed || opening.isGivenUp) close();
  else {
    open.add(entry);
    outgoing.once('close', close);
  }
  return bytes;
}

const texts = new WeakMap<object, Buffer>();

/** Written out once for all who are told the same: a board for fifty streams would hold up everybody else for a second. */
function jsonOf(told: object): Buffer {
  const text = texts.get(told) ?? Buffer.from(JSON.stringify(told));
  texts.set(told, text);
  return text;
}

function render(message: FeedMessage): readonly (string | Buffer)[] {
  switch (message.kind) {
    case 'changes':
      return [`id: ${message.changes.cursor}\nevent: changes\ndata: `, jsonOf(message.changes), '\n\n'];
    case 'positions': {
      const { positions, silent } = message;
      return [`event: positions\ndata: ${JSON.stringify({ positions, silent })}\n\n`];
    }
    case 'tick':
      return [`id: ${message.cursor}\nevent: tick\ndata: {}\n\n`];
  }
}

import { type FollowOptions, follow, type Link, pause, readBoard } from './follow.ts';

/*
 * One stream for all tabs of a browser, which has six connections to a host over HTTP/1.1: with a stream in each tab the
 * seventh would wait for ever. The tab that holds a lock follows, and tells the others what it hears; when it closes, the
 * browser gives the lock to another, which goes on from the cursor that it has heard last. A tab that comes later reads
 * the board itself, once, and asks for the positions that have been told. Where there are no locks (a page that came
 * without TLS from another machine) each tab follows by itself.
 */

type Word =
  | { kind: 'hello' }
  | { kind: 'link'; link: Link }
  | { kind: 'message'; event: string; data: unknown; id: string | null };

/** The leader says something at least every 5 s, if it is only that nothing happened. */
const SILENT_MS = 9_000;
/** A leader that is silent for so long does not run any more: its lock is taken from it. */
const DEAD_MS = 20_000;
const LOOK_MS = 1_000;
const RETRY_MS = 1_000;

/** @param name of those who follow the same. @returns how to stop */
export function followTogether(name: string, options: FollowOptions): () => void {
  if (!('locks' in navigator) || typeof BroadcastChannel === 'undefined') return follow(options);
  const channel = new BroadcastChannel(name);
  const ending = new AbortController();
  const { signal } = ending;
  const hear = openHearing(options);
  let stopLeading: (() => void) | null = null;
  let heardAtMs = performance.now();

  const tell = (word: Word) => channel.postMessage(word);
  const lead = (): Promise<void> =>
    new Promise((resolve) => {
      let link: Link = 'connecting';
      const stop = follow({
        ...options,
        after: hear.cursor(),
        onMessage: (event, data, id) => {
          hear.message(event, data, id);
          tell({ kind: 'message', event, data, id });
        },
        onLink: (now) => {
          link = now;
          hear.link(now);
          tell({ kind: 'link', link });
        },
      });
      channel.onmessage = ({ data }: MessageEvent<Word>) => {
        if (data.kind !== 'hello') return;
        tell({ kind: 'link', link });
        tell({ kind: 'message', event: 'positions', data: hear.positions(), id: null });
      };
      stopLeading = () => {
        stop();
        resolve();
      };
      signal.addEventListener('abort', stopLeading);
    });
  const listen = () => {
    channel.onmessage = ({ data }: MessageEvent<Word>) => {
      heardAtMs = performance.now();
      if (data.kind === 'link') hear.link(data.link);
      if (data.kind === 'message') hear.message(data.event, data.data, data.id);
    };
  };
  /** Waits for its turn, or takes it from one who is dead. Ends when the tab does, or another takes the lock from it. */
  const wait = (steal: boolean): Promise<void> =>
    navigator.locks
      .request(name, steal ? { steal } : { signal }, lead)
      .catch(() => {})
      .then(() => {
        stopLeading?.();
        stopLeading = null;
        if (signal.aborted) return;
        heardAtMs = performance.now();
        listen();
        void wait(false);
      });
  const watch = setInterval(() => {
    if (stopLeading !== null) return;
    const silentMs = performance.now() - heardAtMs;
    if (silentMs > SILENT_MS) options.onLink('away');
    if (silentMs > DEAD_MS) {
      heardAtMs = performance.now();
      void wait(true);
    }
  }, LOOK_MS);

  void navigator.locks.request(name, { ifAvailable: true }, async (lock) => {
    if (lock !== null) return lead();
    listen();
    tell({ kind: 'hello' });
    void wait(false);
    await hear.begin(signal);
  });
  return () => {
    ending.abort();
    clearInterval(watch);
    channel.close();
  };
}

type Positions = { positions: readonly (readonly [string, ...unknown[]])[]; silent: readonly string[] };

/** What this tab has heard. Before it has read the board, what is told waits: it is newer than the board, or the same. */
function openHearing({ onMessage, onLink }: FollowOptions) {
  let cursor: string | null = null;
  let early: [string, unknown, string | null][] | null = null;
  const seen = new Map<string, Positions['positions'][number]>();
  const message = (event: string, data: unknown, id: string | null): void => {
    if (event === 'positions') {
      const { positions, silent } = data as Positions;
      for (const each of positions) seen.set(each[0], each);
      for (const driverId of silent) seen.delete(driverId);
    }
    if (early !== null) return void early.push([event, data, id]);
    cursor = id ?? cursor;
    onMessage(event, data, id);
  };
  return {
    message,
    link: (link: Link) => onLink(link),
    cursor: () => cursor,
    positions: (): Positions => ({ positions: [...seen.values()], silent: [] }),
    async begin(signal: AbortSignal): Promise<void> {
      const waiting: [string, unknown, string | null][] = [];
      early = waiting;
      const take = (event: string, data: unknown, id: string | null): void => {
        cursor = id ?? cursor;
        onMessage(event, data, id);
      };
      let end = await readBoard(signal, take);
      while (end === 'failed' && !signal.aborted) {
        await pause(RETRY_MS, signal);
        end = await readBoard(signal, take);
      }
      early = null;
      if (end === 'signed_out') onLink('signed_out');
      for (const each of waiting) message(...each);
    },
  };
}

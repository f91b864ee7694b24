/** How a page learns of changes: by stream, by asking again and again, or not at all for the moment. */
export type Link = 'connecting' | 'streaming' | 'polling' | 'away' | 'signed_out';

export interface FollowOptions {
  /** `event` is the name of the server-sent event; with polling, `changes` only. `id` is a cursor, where it has one. */
  onMessage: (event: string, data: unknown, id: string | null) => void;
  onLink: (link: Link) => void;
  /** A cursor to begin after; left out or null: with everything. */
  after?: string | null;
  /** Between two questions, where there is no stream. */
  pollMs?: number;
}

const RETRY_MS = [300, 1_000, 2_000, 5_000];
/** The server says something at least every 5 s: a stream that is silent for longer is dead. */
const SILENT_MS = 9_000;
/** A page of the board is large on a slow line; one that takes longer does not come. */
const PATIENCE_MS = 30_000;
const TIDY = /\r\n?/g;

/**
 * Follows `/v1/stream` with `fetch` rather than EventSource, which can neither send our header nor tell a refusal from
 * a lost connection. Resumes after the last id. Where the host does not stream (404, or something that is no event
 * stream), it asks `/v1/changes` with the same cursor.
 * @returns how to stop
 */
export function follow({ onMessage, onLink, after = null, pollMs = 3_000 }: FollowOptions): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  let cursor = after;
  const hear = (event: string, data: unknown, id: string | null) => {
    if (id !== null) cursor = id;
    onMessage(event, data, id);
  };
  void (async () => {
    onLink('connecting');
    for (let failures = 0; !signal.aborted; ) {
      const end = await stream(cursor, signal, () => onLink('streaming'), hear);
      if (end === 'signed_out') return onLink('signed_out');
      if (end === 'not_here') return void (await poll());
      failures = end === 'ended' ? 0 : failures + 1;
      if (failures > 1 || end === 'silent') onLink('away');
      await pause(RETRY_MS[Math.min(failures, RETRY_MS.length - 1)]! * (0.5 + Math.random()), signal);
    }
  })();
  async function poll() {
    while (!signal.aborted) {
      const end = await pollOnce(cursor, signal, hear);
      if (end === 'signed_out') return onLink('signed_out');
      onLink(end === 'failed' ? 'away' : 'polling');
      await pause(pollMs, signal);
    }
  }
  return () => ending.abort();
}

type Hear = (event: string, data: unknown, id: string | null) => void;
type End = 'ended' | 'failed' | 'silent' | 'not_here' | 'signed_out';

async function stream(cursor: string | null, signal: AbortSignal, onOpen: () => void, hear: Hear): Promise<End> {
  const silence = new AbortController();
  let timer = setTimeout(() => silence.abort(), SILENT_MS);
  try {
    const response = await fetch('/v1/stream', {
      headers: { accept: 'text/event-stream', 'x-requested-by': 'console', ...(cursor && { 'last-event-id': cursor }) },
      signal: AbortSignal.any([signal, silence.signal]),
      cache: 'no-store',
    });
    if (response.status === 401 || response.status === 403) return 'signed_out';
    if (response.status === 404 || response.status === 405 || response.status === 501) return 'not_here';
    if (!response.ok || response.body === null) return 'failed';
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return 'not_here';
    onOpen();
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let rest = ''; ; ) {
      const { done, value } = await reader.read();
      if (done) return 'ended';
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), SILENT_MS);
      const blocks = (rest + value).replace(TIDY, '\n').split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) tell(block, hear);
    }
  } catch {
    return silence.signal.aborted ? 'silent' : 'failed';
  } finally {
    clearTimeout(timer);
  }
}

function tell(block: string, hear: Hear): void {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).trimStart());
  }
  const data = fields.get('data');
  if (data !== undefined) hear(fields.get('event') ?? 'message', JSON.parse(data), fields.get('id') ?? null);
}

/** Everything that is going on, told page by page. */
export function readBoard(signal: AbortSignal, hear: Hear): Promise<End> {
  return pollOnce(null, signal, hear);
}

async function pollOnce(cursor: string | null, signal: AbortSignal, hear: Hear): Promise<End> {
  try {
    let query = cursor === null ? 'limit=500' : `after=${cursor}`;
    for (let first: string | null = null; ; ) {
      const response = await fetch(`/v1/changes?${query}`, {
        headers: { 'x-requested-by': 'console' },
        signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
        cache: 'no-store',
      });
      if (response.status === 401 || response.status === 403) return 'signed_out';
      if (!response.ok) return 'failed';
      const changes = (await response.json()) as { cursor: string; more?: string | null };
      // What changes between two pages comes after the cursor of the first.
      first ??= changes.cursor;
      hear('changes', changes, changes.more ? null : first);
      if (!changes.more) return 'ended';
      query = `limit=500&more=${changes.more}`;
    }
  } catch {
    return 'failed';
  }
}

export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      // One for each pause of a page that is open for days would stay with the signal.
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}

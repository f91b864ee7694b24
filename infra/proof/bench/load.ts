import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Pool } from 'undici';
import { percentile } from './figures.ts';

const run = promisify(execFile);

export interface HttpRequest {
  method: 'GET' | 'POST';
  path: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

export interface LoadResult {
  perS: number;
  requests: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers other than 2xx and 3xx, and broken connections. */
  failed: number;
}

export interface Load {
  url: string;
  /** Sent in turn, from the first again after the last. */
  requests: readonly HttpRequest[];
  connections: number;
  seconds: number;
}

/** Formats every request before the clock starts, sends them in turn, prints its figures as one line of JSON. */
const WRK_SCRIPT = `
local requests, next = {}, 0
function init(args)
  for line in io.lines(args[1]) do
    local method, path, headers, body = line:match('^([^\\t]*)\\t([^\\t]*)\\t([^\\t]*)\\t(.*)$')
    local map = {}
    for name, value in headers:gmatch('([^\\1\\2]+)\\1([^\\2]*)\\2') do map[name] = value end
    requests[#requests + 1] = wrk.format(method, path, map, body ~= '' and body or nil)
  end
end
function request()
  next = next % #requests + 1
  return requests[next]
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('\\nRESULT {"requests":%d,"us":%d,"p50":%d,"p99":%d,"failed":%d}\\n', summary.requests,
    summary.duration, latency:percentile(50), latency:percentile(99), e.status + e.connect + e.read + e.write + e.timeout))
end
`;

let hasWrk: boolean | null = null;

/** Which generator `load` uses on this machine, for the output. */
export async function loadGenerator(): Promise<'wrk' | 'built-in (no wrk on the PATH)'> {
  hasWrk ??= await run('wrk', ['-v']).then(
    () => true,
    (error: { code?: unknown }) => error.code !== 'ENOENT',
  );
  return hasWrk ? 'wrk' : 'built-in (no wrk on the PATH)';
}

/** Keeps `connections` keep-alive connections busy for `seconds`; one thread, one request at a time on each. */
export async function load(what: Load): Promise<LoadResult> {
  return (await loadGenerator()) === 'wrk' ? loadByWrk(what) : loadBuiltIn(what);
}

async function loadByWrk({ url, requests, connections, seconds }: Load): Promise<LoadResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'dispatch-bench-'));
  try {
    const script = path.join(folder, 'wrk.lua');
    const list = path.join(folder, 'requests');
    writeFileSync(script, WRK_SCRIPT);
    writeFileSync(list, requests.map(toLine).join('\n'));
    const duration = seconds < 1 ? '1s' : `${Math.round(seconds)}s`;
    const args = ['-t1', `-c${connections}`, `-d${duration}`, '--timeout', '5s', '-s', script, url, '--', list];
    const { stdout } = await run('wrk', args, { maxBuffer: 1 << 24 });
    const found = JSON.parse(/^RESULT (.*)$/m.exec(stdout)?.[1] ?? 'null');
    if (found === null) throw new Error(`wrk printed no result:\n${stdout}`);
    const { requests: count, us, p50, p99, failed } = found;
    return { perS: (count * 1e6) / us, requests: count, p50Ms: p50 / 1000, p99Ms: p99 / 1000, failed };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function toLine({ method, path: target, headers, body }: HttpRequest): string {
  const fields = Object.entries(headers).map(([name, value]) => `${name}\u0001${value}\u0002`);
  return [method, target, fields.join(''), body].join('\t');
}

async function loadBuiltIn({ url, requests, connections, seconds }: Load): Promise<LoadResult> {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const times: number[] = [];
  let failed = 0;
  let sent = 0;
  const startedAt = performance.now();
  const until = startedAt + seconds * 1000;
  const client = async () => {
    while (performance.now() < until) {
      const one = requests[sent % requests.length] as HttpRequest;
      sent += 1;
      const askedAt = performance.now();
      try {
        const { method, path: target, headers, body } = one;
        const answer = await pool.request({ method, path: target, headers, body: body === '' ? null : body });
        await answer.body.dump();
        if (answer.statusCode >= 400) failed += 1;
      } catch {
        failed += 1;
      }
      times.push(performance.now() - askedAt);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  const tookS = (performance.now() - startedAt) / 1000;
  await pool.close();
  const at = (percent: number) => percentile(times, percent);
  return { perS: times.length / tookS, requests: times.length, p50Ms: at(50), p99Ms: at(99), failed };
}

import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '#infra/workshop/embedded/free-port.ts';
import type { FaultProxy } from './fault-proxy.ts';
import type { ProcessFacts } from './history.ts';
import { readLeaks } from './leaks.ts';
import { signal } from './stores.ts';

/** A part of the service as a child process: `dist/server.mjs` or `dist/relay.mjs` of some tree. */
export interface ServiceProcess {
  name: string;
  /** 0 for a relay. */
  port: number;
  /** Its own ways into the stores. */
  links: { postgres: FaultProxy; redis: FaultProxy };
  pid(): number;
  kill(): void;
  /** `clockAheadMs`: with a clock that is wrong by so much. */
  restart(options?: { clockAheadMs: number }): Promise<void>;
  freeze(): void;
  thaw(): void;
  stop(): Promise<void>;
}

/** Watches what the processes say and take, for I13 and I14. */
export interface ProcessWatch {
  /** What no log line may contain. Positions are told apart by their digits. */
  forbid(texts: readonly string[]): void;
  /** The same of what is known later than it may have been logged: looked for when all is over. */
  forbidWords(words: readonly string[]): void;
  facts(): ProcessFacts;
  line(name: string, stream: 'out' | 'err', line: string): void;
  exit(name: string, how: string): void;
  sample(pid: number): void;
}

/** Log events that say something went wrong which nobody foresaw. */
const UNFORESEEN =
  /"event":"(request_failed|relay_failed|default_shop_failed|plan_failed|shutdown_failed|shutdown_forced)"/;

/** @param logDir where the lines are kept, one file per process: to look into what a violation came from */
export function openProcessWatch(logDir: string): ProcessWatch {
  fs.rmSync(logDir, { recursive: true, force: true });
  fs.mkdirSync(logDir, { recursive: true });
  const forbidden: string[] = [];
  const words = new Set<string>();
  const exits: string[] = [];
  const failures: string[] = [];
  const leaks: string[] = [];
  let maxRssMiB = 0;
  const files = new Map<string, number>();
  const pathOf = (name: string) => path.join(logDir, `${name.replace(' ', '-')}.log`);
  const fileOf = (name: string): number => {
    const file = files.get(name) ?? fs.openSync(pathOf(name), 'a');
    files.set(name, file);
    return file;
  };
  return {
    forbid: (texts) => void forbidden.push(...texts),
    forbidWords: (more) => {
      for (const word of more) words.add(word);
    },
    facts() {
      const read = readLeaks(
        [...files.keys()].map((name) => ({ name, file: pathOf(name) })),
        words,
      );
      return { exits, failures, leaks: [...leaks, ...read.leaks], lines: read.lines, maxRssMiB };
    },
    line(name, stream, line) {
      fs.writeSync(fileOf(name), `${line}\n`);
      if (stream === 'err' || UNFORESEEN.test(line)) failures.push(`${name}: ${line}`);
      const secret = forbidden.find((text) => line.includes(text));
      if (secret !== undefined) leaks.push(`${name}: ${line.replaceAll(secret, '<the forbidden text>')}`);
    },
    exit: (name, how) => void exits.push(`${name}: ${how}`),
    sample(pid) {
      const file = `/proc/${pid}/status`;
      if (!fs.existsSync(file)) return;
      const [, kib = '0'] = /VmRSS:\s+(\d+)/.exec(fs.readFileSync(file, 'utf8')) ?? [];
      maxRssMiB = Math.max(maxRssMiB, Math.round(Number(kib) / 1024));
    },
  };
}

export async function startServiceProcess(options: {
  name: string;
  /** The folder that holds `dist/`. */
  root: string;
  script: 'server' | 'relay';
  env: Readonly<Record<string, string>>;
  links: ServiceProcess['links'];
  watch: ProcessWatch;
}): Promise<ServiceProcess> {
  const { name, root, script, env, links, watch } = options;
  const port = script === 'server' ? await freePort() : 0;
  let child: ChildProcess;
  let isExpected = false;
  const start = async ({ clockAheadMs } = { clockAheadMs: 0 }) => {
    isExpected = false;
    const started = spawn(
      process.execPath,
      ['--max-old-space-size=384', ...clock(clockAheadMs), `dist/${script}.mjs`],
      {
        cwd: root,
        env: { PATH: process.env.PATH ?? '', ...env, ...(port > 0 && { PORT: String(port), HOST: '127.0.0.1' }) },
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      },
    );
    child = started;
    // With the bench, also where that is interrupted: one that is stopped hears of nothing else.
    const end = () => void started.kill('SIGKILL');
    process.once('exit', end);
    started.once('exit', () => process.off('exit', end));
    eachLine(started, (stream, line) => watch.line(name, stream, line));
    const sampling = setInterval(() => started.pid && watch.sample(started.pid), 1_000);
    started.once('exit', (code, by) => {
      clearInterval(sampling);
      if (started === child && !isExpected) watch.exit(name, `exit ${code ?? by}`);
    });
    await readiness(started, name);
  };
  await start();
  const pid = () => child.pid ?? 0;
  return {
    name,
    port,
    links,
    pid,
    kill() {
      isExpected = true;
      signal(pid(), 'SIGKILL');
    },
    restart: start,
    freeze: () => signal(pid(), 'SIGSTOP'),
    thaw: () => signal(pid(), 'SIGCONT'),
    async stop() {
      isExpected = true;
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      signal(pid(), 'SIGTERM');
      const force = setTimeout(() => signal(pid(), 'SIGKILL'), 9_000);
      await gone;
      clearTimeout(force);
    },
  };
}

/** Arguments of Node that make `Date` wrong before anything else is loaded; timers go by another clock. */
function clock(aheadMs: number): string[] {
  if (aheadMs === 0) return [];
  const shift = `const Real = Date;
    globalThis.Date = class Date extends Real {
      constructor(...given) { given.length > 0 ? super(...given) : super(Real.now() + ${aheadMs}); }
      static now() { return Real.now() + ${aheadMs}; }
    };`;
  return ['--import', `data:text/javascript,${encodeURIComponent(shift)}`];
}

/** A second or two, but on a machine that has other work. */
const READY_MS = 60_000;

async function readiness(child: ChildProcess, name: string): Promise<void> {
  const ready = new Promise<boolean>((resolve) => {
    child.once('message', () => resolve(true));
    child.once('exit', () => resolve(false));
  });
  const isReady = await Promise.race([ready, pause(READY_MS, false, { ref: false })]);
  if (!isReady) throw new Error(`${name} did not become ready`);
}

function eachLine(child: ChildProcess, tell: (stream: 'out' | 'err', line: string) => void): void {
  for (const [stream, pipe] of [
    ['out', child.stdout],
    ['err', child.stderr],
  ] as const) {
    let rest = '';
    pipe?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) tell(stream, line);
    });
  }
}

import { fork } from 'node:child_process';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '#infra/workshop/embedded/free-port.ts';
import { ownHost, ownUrl } from './own-address.ts';

/** A bundle under trial: it runs beside the one that serves, on a port nobody knows. */
export interface Candidate {
  /** Resolves once GET `path` answers 200. @throws Error with the last answer and the bundle's last lines */
  answers(path: string, withinMs: number): Promise<void>;
  stop(): Promise<void>;
}

export type CandidateOptions = { bundle: string; env: NodeJS.ProcessEnv };

const KEPT_LINES = 15;
/** Node shows the line of a syntax error: of a bundle, that is half of it. */
const KEPT_CHARS = 300;
const ASK_EVERY_MS = 100;
const STOP_WITHIN_MS = 10_000;

/** Starts `bundle`, a server, on a spare port of the service's own address: one that cannot be had shows now. */
export async function startCandidate({ bundle, env }: CandidateOptions): Promise<Candidate> {
  const port = await freePort();
  const running = start(bundle, { ...env, PORT: String(port), HOST: ownHost(env.HOST) });
  return {
    async answers(target, withinMs) {
      const deadline = performance.now() + withinMs;
      for (;;) {
        const answer = await statusOf(`${ownUrl(env.HOST, port)}${target}`);
        if (answer === '200') return;
        if (running.ended()) throw new Error(`The bundle ended before it answered\n${running.lastLines()}`);
        if (performance.now() > deadline) throw new Error(`${target}: ${answer}\n${running.lastLines()}`);
        await pause(ASK_EVERY_MS);
      }
    },
    stop: running.stop,
  };
}

/**
 * Starts `bundle`, a process that says `ready`, and stops it again.
 * @throws Error with its last lines where it does not say so in time
 */
export async function tryToStart({ bundle, env }: CandidateOptions, withinMs: number): Promise<void> {
  const running = start(bundle, env);
  const ready = await Promise.race([
    running.ready,
    running.end.then(() => false),
    pause(withinMs, false, { ref: false }),
  ]);
  await running.stop();
  if (!ready) throw new Error(`${path.basename(bundle)} did not start\n${running.lastLines()}`);
}

function start(bundle: string, env: NodeJS.ProcessEnv) {
  const child = fork(bundle, [], { env, execArgv: [], stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      lines.push(
        ...chunk
          .split('\n')
          .filter((line) => line.trim() !== '')
          .map((line) => line.slice(0, KEPT_CHARS)),
      );
      lines.splice(0, lines.length - KEPT_LINES);
    });
  }
  let ended = false;
  const end = new Promise<void>((resolve) => {
    child.once('error', (error) => lines.push(error.message));
    // `close` comes after the last line of output.
    child.once('close', () => {
      ended = true;
      resolve();
    });
  });
  const ready = new Promise<true>((resolve) => {
    child.on('message', (message) => message === 'ready' && resolve(true));
  });
  const stop = async () => {
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    await end;
    clearTimeout(force);
  };
  return { ready, end, stop, ended: () => ended, lastLines: () => lines.map((line) => `    ${line}`).join('\n') };
}

async function statusOf(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3_000) });
    const body = await response.text();
    return response.status === 200 ? '200' : `${response.status} ${body.slice(0, 300)}`;
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    return cause instanceof Error ? cause.message : 'no answer';
  }
}

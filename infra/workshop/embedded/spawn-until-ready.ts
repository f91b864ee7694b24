import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import fs from 'node:fs';
import { endWithParent } from './end-with-parent.ts';

/** A store that runs: its process id, and how to stop it. */
export type RunningStore = { pid: number; stop(): Promise<void> };

export type StoreProcess = {
  name: string;
  command: string;
  args: readonly string[];
  options: SpawnOptions;
  /** The line by which the store says that it accepts connections, and where it says so. */
  readyLine: RegExp;
  readyStream: 'stdout' | 'stderr';
  stopSignal: 'INT' | 'TERM';
  /** Deleted once the store has stopped, however that came about. */
  removeDirs: readonly string[];
  log?: ((line: string) => void) | undefined;
};

const READY_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 10_000;
const KEPT_OUTPUT_CHARS = 4_000;

/** Starts a store, resolves once it accepts connections, rejects with its last output if it ends or hangs before. */
export async function spawnUntilReady(store: StoreProcess): Promise<RunningStore> {
  const child = spawn(store.command, store.args, {
    ...store.options,
    // Its own process group: on Ctrl-C our own shutdown decides when the store goes, after the last request.
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  const release = pid === undefined ? () => {} : endWithParent(pid, store.stopSignal, store.removeDirs);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`exit ${code ?? signal}`));
  }).then((reason) => {
    release();
    for (const folder of store.removeDirs) fs.rmSync(folder, { recursive: true, force: true });
    return reason;
  });
  if (pid === undefined) throw new Error(`${store.name} did not start: ${await ended}`);
  await readiness(store, child, ended);
  return { pid, stop: () => stopChild(child, ended, store.stopSignal) };
}

async function readiness(store: StoreProcess, child: ChildProcess, ended: Promise<string>): Promise<void> {
  let output = '';
  const ready = new Promise<'ready'>((resolve) => {
    for (const name of ['stdout', 'stderr'] as const) {
      let rest = '';
      child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          output = `${output}${line}\n`.slice(-KEPT_OUTPUT_CHARS);
          store.log?.(line);
          if (name === store.readyStream && store.readyLine.test(line)) resolve('ready');
        }
      });
    }
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(resolve, READY_WITHIN_MS, `not ready within ${READY_WITHIN_MS / 1000} s`);
  });
  const outcome = await Promise.race([ready, ended, late]);
  clearTimeout(timer);
  if (outcome === 'ready') return;
  child.kill('SIGKILL');
  throw new Error(`${store.name} did not start: ${outcome}\n${output}`);
}

async function stopChild(child: ChildProcess, ended: Promise<string>, stopSignal: 'INT' | 'TERM'): Promise<void> {
  child.kill(`SIG${stopSignal}`);
  const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
  await ended;
  clearTimeout(force);
}

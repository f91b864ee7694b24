import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/**
 * Waits on a pipe whose other end only this Node process holds. However Node ends, by SIGKILL too, the kernel closes
 * the pipe; then the store is asked to stop, killed if it has not stopped within 5 s, and its throw-away folders go.
 */
const WATCH = `
read -r _
pid=$1
kill -s "$2" "$pid" 2>/dev/null
shift 2
tries=0
while [ $tries -lt 50 ] && kill -0 "$pid" 2>/dev/null; do sleep 0.1; tries=$((tries + 1)); done
kill -9 "$pid" 2>/dev/null
rm -rf "$@"
`;

/**
 * Makes the process `pid` end with this one.
 * @param stopSignal what the store takes as an order to stop cleanly and at once
 * @param removeDirs folders to delete afterwards
 * @returns release: call it once the process has ended by itself, so that a re-used pid is never hit
 */
export function endWithParent(pid: number, stopSignal: 'INT' | 'TERM', removeDirs: readonly string[]): () => void {
  const watcher = spawn('/bin/sh', ['-c', WATCH, 'end-with-parent', String(pid), stopSignal, ...removeDirs], {
    // Its own process group: Ctrl-C in the terminal must not take the watcher before the store.
    detached: true,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watcher.unref();
  // Neither may keep Node from ending; `stdin: 'pipe'` makes a socket, which the type does not say.
  (watcher.stdin as Socket).unref();
  return () => {
    watcher.kill('SIGKILL');
  };
}

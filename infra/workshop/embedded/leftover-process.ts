import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const OWNER_FILE = 'owner.pid';

/** Writes down which process started the store on `dataDir`, for the next run to read. */
export function claimDataDir(dataDir: string): void {
  fs.writeFileSync(path.join(dataDir, OWNER_FILE), `${process.pid}\n`);
}

/**
 * Stops a store that an earlier, crashed run left on `dataDir`: two servers on the same files would ruin them.
 * A pid file outlives its process and pids are used again, so the process is touched only if it is one of `programs`
 * and `dataDir` is its working directory.
 * @throws if the run that started it is still alive: then the folder is in use, not left over
 */
export async function stopLeftover(dataDir: string, pidFile: string, programs: readonly string[]): Promise<void> {
  const pid = readPid(path.join(dataDir, pidFile));
  if (pid === undefined || !worksIn(pid, dataDir, programs)) return;
  const owner = readPid(path.join(dataDir, OWNER_FILE));
  if (owner !== undefined && owner !== process.pid && isAlive(owner)) {
    throw new Error(`${dataDir} is in use by process ${owner}: stop that one, or name another data folder.`);
  }
  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    process.kill(pid, signal);
    for (let waitedMs = 0; waitedMs < 10_000; waitedMs += 50) {
      if (!worksIn(pid, dataDir, programs)) return;
      await pause(50);
    }
  }
  throw new Error(`Process ${pid} still works in ${dataDir} and does not stop.`);
}

function readPid(file: string): number | undefined {
  if (!fs.existsSync(file)) return undefined;
  const pid = Number.parseInt(fs.readFileSync(file, 'utf8'), 10);
  return pid > 1 ? pid : undefined;
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function worksIn(pid: number, dataDir: string, programs: readonly string[]): boolean {
  try {
    const { program, cwd } = fs.existsSync('/proc/self') ? lookInProc(pid) : askPs(pid);
    return programs.includes(path.basename(program)) && cwd === fs.realpathSync(dataDir);
  } catch {
    return false;
  }
}

function lookInProc(pid: number): { program: string; cwd: string } {
  return {
    program: fs.readFileSync(`/proc/${pid}/comm`, 'utf8').trim(),
    cwd: fs.readlinkSync(`/proc/${pid}/cwd`),
  };
}

/** macOS has no /proc. */
function askPs(pid: number): { program: string; cwd: string } {
  const ask = (command: string, args: string[]) => execFileSync(command, args, { encoding: 'utf8' });
  const cwd = ask('lsof', ['-a', '-p', String(pid), '-d', 'cwd', '-Fn']).match(/^n(.*)$/m)?.[1] ?? '';
  return { program: ask('ps', ['-o', 'comm=', '-p', String(pid)]).trim(), cwd };
}

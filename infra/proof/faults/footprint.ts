import fs from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceProcess } from './processes.ts';

/** What a process holds at a moment. */
export interface Footprint {
  /** Descriptors that are no sockets. */
  files: number;
  sockets: number;
  /** Connections to the stores. */
  postgres: number;
  redis: number;
  rssMiB: number;
}

/** The same process while all was calm at the beginning, and when all was over. */
export interface Leftover {
  name: string;
  base: Footprint;
  end: Footprint;
}

/** What a process holds now (Linux): its descriptors, its connections to each store, its memory. */
function footprintOf({ pid, links }: ServiceProcess): Footprint {
  const folder = `/proc/${pid()}/fd`;
  const targets = fs.readdirSync(folder).map((fd) => linkOf(`${folder}/${fd}`));
  const sockets = targets.filter((target) => target.startsWith('socket:')).length;
  const [, kib = '0'] = /VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid()}/status`, 'utf8')) ?? [];
  return {
    files: targets.length - sockets,
    sockets,
    postgres: links.postgres.connections(),
    redis: links.redis.connections(),
    rssMiB: Math.round(Number(kib) / 1024),
  };
}

/** One that is closed between the list and the look is none. */
function linkOf(file: string): string {
  try {
    return fs.readlinkSync(file);
  } catch {
    return 'socket:';
  }
}

/** Of each figure the largest. */
function largest(footprints: readonly Footprint[]): Footprint {
  const most = (of: (each: Footprint) => number) => Math.max(0, ...footprints.map(of));
  return {
    files: most((each) => each.files),
    sockets: most((each) => each.sockets),
    postgres: most((each) => each.postgres),
    redis: most((each) => each.redis),
    rssMiB: most((each) => each.rssMiB),
  };
}

const CALM_MS = 3_000;
const LOOKS = 6;

/** Waits while the load begins and nothing is broken yet. @returns the most that each process held in that time */
export async function watchBase(processes: readonly ServiceProcess[]): Promise<readonly Footprint[]> {
  const looks: Footprint[][] = processes.map(() => []);
  for (let look = 0; look < LOOKS; look += 1) {
    await pause(CALM_MS / LOOKS);
    for (const [place, process] of processes.entries()) looks[place]?.push(footprintOf(process));
  }
  return looks.map(largest);
}

/** @param base of the same processes */
export function leftoversOf(processes: readonly ServiceProcess[], base: readonly Footprint[]): readonly Leftover[] {
  return processes.map((process, place) => {
    const end = footprintOf(process);
    return { name: process.name, base: base[place] ?? end, end };
  });
}

import fs from 'node:fs';
import path from 'node:path';
import { isAlive } from './leftover-process.ts';

/** The stores that `npm start` has in use. */
export interface RunningStores {
  databaseUrl: string;
  /** Null: it found no Redis. */
  redisUrl: string | null;
}

const FILE = 'running.json';

/** Whether somebody named a PostgreSQL; otherwise `npm start` brings a private one. */
export function namesDatabase(env: Readonly<Record<string, string | undefined>>): boolean {
  return Boolean(env.DATABASE_URL || env.DB_HOST);
}

/**
 * Writes down in `folder` what stores this process has in use, so that a command beside it finds them.
 * @returns how to take that back
 */
export function noteRunning(folder: string, stores: RunningStores): () => void {
  const file = path.join(folder, FILE);
  fs.writeFileSync(file, `${JSON.stringify({ pid: process.pid, ...stores })}\n`, { mode: 0o600 });
  return () => fs.rmSync(file, { force: true });
}

/** What the process that runs on `folder` has noted; null where none runs. What a killed one left counts for nothing. */
export function findRunning(folder: string): RunningStores | null {
  const file = path.join(folder, FILE);
  if (!fs.existsSync(file)) return null;
  const { pid, databaseUrl, redisUrl } = JSON.parse(fs.readFileSync(file, 'utf8')) as RunningStores & { pid: number };
  return isAlive(pid) ? { databaseUrl, redisUrl } : null;
}

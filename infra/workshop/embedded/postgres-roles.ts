import { type SpawnOptions, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import type { PostgresBinaries } from './postgres-binaries.ts';

/** Only this role, only with its password: also for whoever else is on this machine. A superuser could run programs as us. */
const HBA = 'host all dispatch 127.0.0.1/32 scram-sha-256\n';

/** What an older run made as `app`, which was a superuser, becomes the service's own. */
const TAKE_OVER = `DO $$ DECLARE it record; BEGIN
  FOR it IN SELECT nspname FROM pg_namespace WHERE nspname = 'dispatch' LOOP
    EXECUTE format('ALTER SCHEMA %I OWNER TO dispatch', it.nspname); END LOOP;
  FOR it IN SELECT c.oid::regclass AS name, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = 'dispatch' AND c.relkind IN ('r','p','v') LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO dispatch', it.name); END LOOP;
  FOR it IN SELECT p.oid::regprocedure AS name FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE n.nspname = 'dispatch' AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO dispatch', it.name); END LOOP; END $$`;

/** A statement a line, as the single-user backend reads them. */
const statements = (password: string): readonly string[] =>
  [
    `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'dispatch') THEN CREATE ROLE dispatch; END IF; END $$`,
    `ALTER ROLE dispatch LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB PASSWORD '${password}'`,
    'GRANT CREATE ON DATABASE postgres TO dispatch',
    TAKE_OVER,
  ].map((statement) => statement.replaceAll(/\s*\n\s*/g, ' '));

/**
 * Gives a stopped PostgreSQL a role for the service, and locks it to everybody else. By its single-user backend, which
 * asks for no password and listens nowhere; what it is told goes by its input, not by a command line that others read.
 * @param password of letters that need no quoting
 */
export async function lockUp(
  binaries: Pick<PostgresBinaries, 'postgres'>,
  dataDir: string,
  options: SpawnOptions,
  password: string,
): Promise<void> {
  if (!/^[\w-]{16,}$/.test(password)) throw new RangeError('not a password for a private PostgreSQL');
  const hba = path.join(dataDir, 'pg_hba.conf');
  fs.writeFileSync(hba, HBA);
  const backend = spawn(binaries.postgres, ['--single', '-D', dataDir, 'postgres'], {
    ...options,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  backend.stdin?.end(`${statements(password).join('\n')}\n`);
  const said = await text(backend.stderr!);
  const code = backend.exitCode ?? (await new Promise((resolve) => backend.once('exit', resolve)));
  const fault = /^.*\b(?:ERROR|FATAL|PANIC):.*$/m.exec(said)?.[0];
  if (code !== 0 || fault !== undefined)
    throw new Error(`PostgreSQL could not be locked: ${fault ?? said.slice(-500)}`);
}

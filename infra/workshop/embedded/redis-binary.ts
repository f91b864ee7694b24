import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from './project-root.ts';

const run = promisify(execFile);

export type RedisBinary = { command: string; env: NodeJS.ProcessEnv; kind: string };

/** The Lua scripts use the command set of Redis 7.0. */
const OLDEST_MAJOR = 7;

/** A Redis or Valkey this machine can run: from the PATH, else from the Debian archive without root, else null. */
export async function findRedisBinary(): Promise<RedisBinary | null> {
  return (
    (await probe('valkey-server', {}, 'Valkey', 'PATH')) ??
    (await probe('redis-server', {}, 'Redis', 'PATH')) ??
    (await redisFromDebianArchive(path.join(projectRoot(), 'node_modules', '.cache', 'redis-debian')))
  );
}

async function probe(command: string, env: NodeJS.ProcessEnv, name: string, from: string): Promise<RedisBinary | null> {
  try {
    const { stdout } = await run(command, ['--version'], { env: { ...process.env, ...env } });
    const version = stdout.match(/v=(\d+)[\d.]*/);
    if (!version || Number(version[1]) < OLDEST_MAJOR) return null;
    return { command, env, kind: `${name} ${version[0].slice(2)} (${from})` };
  } catch {
    return null;
  }
}

/** On Debian the server's program lies in redis-tools. Names of libraries differ between releases: all at once, else each by itself. */
const UNPACK = `
folder=$1
mkdir -p "$folder/lists/partial" "$folder/archives/partial"
cd "$folder"
apt() {
  apt-get -qq -o "Dir::State::Lists=$folder/lists" -o "Dir::Cache=$folder" -o Dir::Cache::pkgcache= \\
    -o Dir::Cache::srcpkgcache= -o APT::Sandbox::User= -o Debug::NoLocking=1 "$@"
}
apt update
libraries="libjemalloc2 liblzf1 libatomic1 liblua5.1-0 lua-cjson lua-bitop libssl3"
apt download redis-server redis-tools $libraries || {
  apt download redis-server redis-tools
  for library in $libraries libssl3t64; do apt download "$library" || true; done
}
for package in *.deb; do dpkg-deb -x "$package" root; done
rm -rf lists archives *.deb
`;

/** Redis from the distribution's own packages, unpacked below `folder` (kept there for the next run). */
export async function redisFromDebianArchive(folder: string): Promise<RedisBinary | null> {
  const lib = path.join(folder, 'root/usr/lib', process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu');
  const command = path.join(folder, 'root/usr/bin/redis-server');
  if (!fs.existsSync(command) && !(await unpack(folder))) return null;
  return probe(command, { LD_LIBRARY_PATH: lib }, 'Redis', 'Debian package, unpacked');
}

/** Unpacks beside `folder` and renames at the end, so that two runs at once never see half of it. */
async function unpack(folder: string): Promise<boolean> {
  const unfinished = `${folder}.${process.pid}`;
  try {
    await run('sh', ['-c', 'command -v apt-get && command -v dpkg-deb']);
    await run('sh', ['-ec', UNPACK, 'unpack', unfinished], { timeout: 60_000 });
    fs.renameSync(unfinished, folder);
  } catch {
    // No Debian, no network, or another run was first: the caller looks whether the program is there.
  }
  fs.rmSync(unfinished, { recursive: true, force: true });
  return fs.existsSync(folder);
}

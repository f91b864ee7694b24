import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { VARIABLES } from '#shared/runtime/variables.ts';
import { readCompose, readFinalStage } from './compose-file.ts';

const compose = readCompose();
const services = Object.entries(compose.services);
const stays = services.filter(([, service]) => service.restart !== 'no');
const ours = services.filter(([, service]) => service.build !== undefined);
const stage = readFinalStage();
const exists = (file: string) => fs.existsSync(path.join(projectRoot(), file));
const seconds = (text = '0s') => Number(/^(\d+)s$/.exec(text)?.[1]);

describe('docker-compose.yml', () => {
  test('has PostgreSQL, Valkey, the service, the relay and what must have run before', () => {
    expect(Object.keys(compose.services).sort()).toEqual([
      'migrate',
      'postgres',
      'relay',
      'secrets',
      'service',
      'valkey',
    ]);
  });

  test.each(services)('%s: a memory limit, a restart policy, a way to see that it works', (_name, service) => {
    expect(service.mem_limit).toMatch(/^\d+[mg]$/);
    expect(['no', 'unless-stopped']).toContain(service.restart);
    const fromImage = service.build !== undefined;
    expect(service.healthcheck?.disable === true || service.healthcheck?.test !== undefined || fromImage).toBe(true);
  });

  test('what it names is there: files, volumes, networks, services', () => {
    for (const [, { build }] of ours) expect(exists(build!.dockerfile)).toBe(true);
    for (const [, service] of services) {
      for (const volume of service.volumes ?? []) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
      for (const network of service.networks ?? []) expect(Object.keys(compose.networks)).toContain(network);
      for (const other of Object.keys(service.depends_on ?? {})) expect(Object.keys(compose.services)).toContain(other);
    }
  });

  test('every volume is mounted by somebody, and where ours write is a volume', () => {
    const mounted = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')));
    expect(Object.keys(compose.volumes).sort()).toEqual([...new Set(mounted.map(([name]) => name))].sort());
    for (const name of ['service', 'relay']) {
      const { environment = {}, volumes = [] } = compose.services[name]!;
      expect(volumes.map((volume) => volume.split(':')[1])).toContain(environment.PROOF_DIR);
    }
  });

  test('every variable it sets is one that is read, and every one it asks for has a value of its own', () => {
    const known = [...Object.keys(VARIABLES), 'WEB_CONCURRENCY'];
    for (const [, { environment = {} }] of ours)
      expect(known).toEqual(expect.arrayContaining(Object.keys(environment)));
    const text = fs.readFileSync(path.join(projectRoot(), 'docker-compose.yml'), 'utf8');
    const asked = [...text.matchAll(/\$\{(\w+)(:-)?/g)];
    for (const [, name, preset] of asked) expect([name, preset, known.includes(name!)]).toEqual([name, ':-', true]);
  });

  test('migrations come before traffic, and a stop waits longer than PM2 does', () => {
    for (const name of ['service', 'relay']) {
      const { depends_on, stop_grace_period } = compose.services[name]!;
      expect(depends_on?.migrate).toEqual({ condition: 'service_completed_successfully' });
      expect(seconds(stop_grace_period)).toBeGreaterThan(killTimeoutS());
    }
  });

  test('Valkey refuses when it is full, and never forgets a driver silently', () => {
    const { command = [] } = compose.services.valkey!;
    expect(command[command.indexOf('--maxmemory-policy') + 1]).toBe('noeviction');
  });

  test('the stores are reached by nobody outside', () => {
    expect(compose.networks.stores).toEqual({ internal: true });
    for (const name of ['postgres', 'valkey']) {
      expect(compose.services[name]).toMatchObject({ networks: ['stores'] });
      expect(compose.services[name]).not.toHaveProperty('ports');
    }
  });

  test('workers fit into the memory they are given', () => {
    const [, workers] =
      /WEB_CONCURRENCY:-(\d+)/.exec(String(compose.services.service!.environment!.WEB_CONCURRENCY)) ?? [];
    expect(stays.length).toBe(4);
    expect(Number(workers) * 512).toBeLessThan(Number(compose.services.service!.mem_limit!.slice(0, -1)));
  });
});

describe('infra/ship/docker/Dockerfile', () => {
  test('runs as somebody other than root, and keeps what PM2 writes out of its own files', () => {
    expect(stage.user).toBe('node');
    expect(stage.env.PM2_HOME).toBe('/tmp/.pm2');
  });

  test('copies what exists', () => {
    for (const { from, source } of stage.copies)
      if (from === null) expect([source, exists(source)]).toEqual([source, true]);
  });
});

function killTimeoutS(): number {
  const ecosystem = createRequire(import.meta.url)(path.join(projectRoot(), 'ecosystem.config.cjs')) as {
    apps: { kill_timeout: number }[];
  };
  return Math.max(...ecosystem.apps.map((app) => app.kill_timeout)) / 1000;
}

import fs from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';

export type ComposeService = {
  image: string;
  build?: { context: string; dockerfile: string };
  command?: string[];
  environment?: Record<string, unknown>;
  healthcheck?: { test?: string[]; disable?: boolean };
  depends_on?: Record<string, { condition: string }>;
  volumes?: string[];
  networks?: string[];
  restart?: string;
  mem_limit?: string;
  stop_grace_period?: string;
};
export type Compose = {
  services: Record<string, ComposeService>;
  networks: Record<string, unknown>;
  volumes: Record<string, unknown>;
};

/** docker-compose.yml with its anchors resolved. */
export function readCompose(): Compose {
  return parse(read('docker-compose.yml'), { merge: true }) as Compose;
}

export type FinalStage = {
  /** Source in the project → destination in the image, of what is copied from the project itself or from a stage. */
  copies: { from: string | null; source: string; target: string }[];
  env: Record<string, string>;
  command: string[];
  entrypoint: string[];
  healthcheck: string[];
  user: string;
};

/** The last stage of infra/ship/docker/Dockerfile, as far as running its commands needs it. */
export function readFinalStage(): FinalStage {
  const text = read('infra/ship/docker/Dockerfile').replaceAll(/\\\n/g, ' ');
  const lines = text.slice(text.lastIndexOf('\nFROM ')).split('\n');
  const values = (name: string) =>
    lines.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1).trim());
  const json = (name: string) => JSON.parse(/\[.*\]/.exec(values(name).at(-1) ?? '')?.[0] ?? '[]') as string[];
  return {
    copies: values('COPY').flatMap((line) => {
      const from = /^--from=(\S+) /.exec(line)?.[1] ?? null;
      const words = line.replace(/^--from=\S+ /, '').split(/\s+/);
      const target = words.pop() ?? '';
      return words.map((source) => ({
        from,
        source: source.replace('/app/', ''),
        target: target === './' ? source : target,
      }));
    }),
    env: Object.fromEntries(values('ENV').flatMap((line) => line.split(' ').map((pair) => pair.split('=')))),
    command: json('CMD'),
    entrypoint: json('ENTRYPOINT'),
    healthcheck: json('HEALTHCHECK'),
    user: values('USER').at(-1) ?? 'root',
  };
}

function read(file: string): string {
  return fs.readFileSync(path.join(projectRoot(), file), 'utf8');
}

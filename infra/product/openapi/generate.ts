import fs from 'node:fs';
import path from 'node:path';
import { routes } from '#functions/api.ts';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';
import { clientTypes } from './client-types.ts';
import { buildDocument } from './document.ts';

/** Everything that is made from the contract, and the client's copy in the plugin: text by file name. A test compares it with what is committed. */
export async function generate(): Promise<Record<string, string>> {
  const { version } = JSON.parse(fs.readFileSync(path.join(projectRoot(), 'package.json'), 'utf8')) as {
    version: string;
  };
  const document = buildDocument(routes, version);
  const types = clientTypes(document);
  return {
    'functions/docs/openapi.json': `${JSON.stringify(document, null, 1)}\n`,
    'infra/product/client/types.ts': types,
    'vendure-plugin/src/dispatch/service/types.ts': types,
    'vendure-plugin/src/dispatch/service/client.ts': clientForPlugin(),
  };
}

/** The plugin is a package of its own, which takes nothing from the service: a copy, importing as CommonJS does. */
function clientForPlugin(): string {
  const source = fs.readFileSync(path.join(projectRoot(), 'infra/product/client/client.ts'), 'utf8');
  const head = '// Made by `npm run openapi` of the service from its infra/product/client/client.ts. Do not edit.\n';
  return head + source.replace("from './types.ts'", "from './types'");
}

import fs from 'node:fs';
import path from 'node:path';
import { routes } from '#functions/api.ts';
import { projectRoot } from '#infra/embedded/project-root.ts';
import { clientTypes } from './client-types.ts';
import { buildDocument } from './document.ts';

/** Everything that is made from the contract: text by file name. A test compares it with what is committed. */
export async function generate(): Promise<Record<string, string>> {
  const { version } = JSON.parse(fs.readFileSync(path.join(projectRoot(), 'package.json'), 'utf8')) as {
    version: string;
  };
  const document = buildDocument(routes, version);
  return {
    'infra/openapi/openapi.json': `${JSON.stringify(document, null, 1)}\n`,
    'infra/client/types.ts': clientTypes(document),
  };
}

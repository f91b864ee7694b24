import fs from 'node:fs';
import path from 'node:path';
import { generate } from '#infra/product/openapi/generate.ts';
import { projectRoot } from '#infra/workshop/embedded/project-root.ts';

/** `npm run openapi`: writes the OpenAPI document, the typed client's types and the plugin's client; all are committed. */
for (const [file, text] of Object.entries(await generate())) {
  const target = path.join(projectRoot(), file);
  const fresh = fs.existsSync(target) && fs.readFileSync(target, 'utf8') === text;
  if (!fresh) {
    fs.mkdirSync(path.dirname(target), { recursive: true });
    fs.writeFileSync(target, text);
  }
  console.log(`${fresh ? 'unchanged' : 'written  '}  ${file}`);
}

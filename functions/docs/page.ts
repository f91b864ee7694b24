import { createHash } from 'node:crypto';

/** As much of an OpenAPI document as the page shows. */
export interface OpenApi {
  info: { title: string; version: string; description: string };
  tags: readonly { name: string; description: string }[];
  paths: Readonly<Record<string, Readonly<Record<string, PageOperation>>>>;
  components: {
    schemas: Readonly<Record<string, object>>;
    securitySchemes: Readonly<Record<string, { description: string }>>;
    responses: Readonly<Record<string, PageAnswer>>;
  };
}
interface PageOperation {
  operationId: string;
  tags: readonly string[];
  summary: string;
  description?: string;
  security?: readonly Readonly<Record<string, unknown>>[];
  parameters?: readonly ({ $ref: string } | { name: string; in: string; required?: boolean; schema: object })[];
  requestBody?: { required: boolean; content: Readonly<Record<string, { schema: object; example?: unknown }>> };
  responses: Readonly<Record<string, PageAnswer | { $ref: string }>>;
}
interface PageAnswer {
  description: string;
  content?: Readonly<Record<string, { schema: object }>>;
}

const STYLE = `:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
h2{margin-top:3rem}details{border:1px solid #8886;border-radius:.4rem;margin:.5rem 0;padding:.4rem .8rem}
summary{cursor:pointer}summary code{font-weight:600}pre{overflow:auto;background:#8881;padding:.6rem;border-radius:.3rem;font-size:.85rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;border-bottom:1px solid #8884;padding:.2rem .5rem .2rem 0}
.muted{opacity:.75}`;

/** The whole document as one static page; `styleHash` is what a Content-Security-Policy has to allow, and all of it. */
export function renderPage(document: OpenApi): { html: string; styleHash: string } {
  const { info, tags, components } = document;
  const sections = tags.map(({ name, description }) => sectionOf(document, name, description)).join('\n');
  const schemes = Object.entries(components.securitySchemes)
    .map(([name, scheme]) => `<tr><td><code>${escaped(name)}</code></td><td>${prose(scheme.description)}</td></tr>`)
    .join('');
  const schemas = Object.entries(components.schemas)
    .map(
      ([name, schema]) =>
        `<details id="schema-${escaped(name)}"><summary><code>${escaped(name)}</code></summary>${json(schema)}</details>`,
    )
    .join('\n');
  const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(info.title)}</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><style>${STYLE}</style></head><body>
<h1>${escaped(info.title)} <small class="muted">${escaped(info.version)}</small></h1>
${info.description
  .split('\n\n')
  .map((paragraph) => `<p>${prose(paragraph)}</p>`)
  .join('')}
<p>For machines: <a href="/openapi.json">openapi.json</a></p>
<h2>Proofs of identity</h2><table>${schemes}</table>
${sections}
<h2>Schemas</h2>
${schemas}
</body></html>`;
  return { html, styleHash: `sha256-${createHash('sha256').update(STYLE).digest('base64')}` };
}

function sectionOf({ paths, components }: OpenApi, tag: string, description: string): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => operationOf(method, path, operation, components.responses)),
  );
  return `<h2>${escaped(tag)}</h2><p class="muted">${prose(description)}</p>${operations.join('\n')}`;
}

function operationOf(
  method: string,
  path: string,
  operation: PageOperation,
  shared: OpenApi['components']['responses'],
): string {
  const { operationId, summary, description, security = [], parameters = [], requestBody, responses } = operation;
  const proofs = security.flatMap((scheme) => Object.keys(scheme));
  const body = requestBody?.content['application/json'];
  const media = Object.keys(requestBody?.content ?? {}).filter((type) => type !== 'application/json');
  const rows = parameters.map((parameter) =>
    '$ref' in parameter
      ? `<tr><td><code>Idempotency-Key</code></td><td>header</td><td></td></tr>`
      : `<tr><td><code>${escaped(parameter.name)}</code>${parameter.required ? ' *' : ''}</td><td>${escaped(parameter.in)}</td><td>${json(parameter.schema)}</td></tr>`,
  );
  const answers = Object.entries(responses).map(([status, each]) => {
    const answer = '$ref' in each ? shared[each.$ref.split('/').at(-1) ?? ''] : each;
    return `<tr><td><code>${escaped(status)}</code></td><td>${prose(answer?.description ?? '')} ${shapeOf(answer)}</td></tr>`;
  });
  return `<details id="${escaped(operationId)}"><summary><code>${escaped(method.toUpperCase())} ${escaped(path)}</code> ${escaped(summary)}</summary>
${description === undefined ? '' : `<p>${prose(description)}</p>`}
<p class="muted">${proofs.length === 0 ? 'Needs no proof of identity' : `Proof: ${escaped(proofs.join(' or '))}`}</p>
${rows.length === 0 ? '' : `<h4>Parameters</h4><table>${rows.join('')}</table>`}
${body === undefined ? '' : `<h4>Body${requestBody?.required ? '' : ' (may be left out)'}</h4>${body.example === undefined ? '' : json(body.example)}<details><summary>Schema</summary>${json(body.schema)}</details>`}
${media.length === 0 ? '' : `<h4>Body</h4><p><code>${escaped(media.join(', '))}</code></p>`}
<h4>Answers</h4><table>${answers.join('')}</table></details>`;
}

function shapeOf(answer: PageAnswer | undefined): string {
  const schema = answer?.content?.['application/json']?.schema;
  if (schema === undefined) {
    const media = Object.keys(answer?.content ?? {}).filter((type) => type !== 'application/problem+json');
    return media.length === 0 ? '' : `<code>${escaped(media.join(', '))}</code>`;
  }
  const name = '$ref' in schema ? String(schema.$ref).split('/').at(-1) : undefined;
  if (name !== undefined) return `<a href="#schema-${escaped(name)}">${escaped(name)}</a>`;
  return `<details><summary>Schema</summary>${json(schema)}</details>`;
}

function json(value: unknown): string {
  return `<pre>${escaped(JSON.stringify(value, null, 1))}</pre>`;
}

/** Text with the two marks our descriptions use. */
function prose(text: string): string {
  return escaped(text)
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>');
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

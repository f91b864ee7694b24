import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const TYPES = { '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };

/**
 * Bundles `functions/<name>/page/main.tsx` for browsers, and with it every `*.svg` and `worker.ts` beside it. What a
 * page is made of ends up inside the function's own bundle: nothing has to lie beside it, on whatever host.
 * @returns { script, style, files: { <name with content hash>: { type, text } } }
 */
export async function buildPage(name) {
  const folder = path.join(ROOT, 'functions', name, 'page');
  const worker = path.join(folder, 'worker.ts');
  const icons = readdirSync(folder).filter((file) => file.endsWith('.svg'));
  const { outputFiles } = await build({
    entryPoints: [
      { in: path.join(folder, 'main.tsx'), out: 'main' },
      ...(existsSync(worker) ? [{ in: worker, out: 'worker' }] : []),
      ...icons.map((file) => ({ in: path.join(folder, file), out: file.replace('.svg', '') })),
    ],
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    // Every answer says utf-8; escaped, a letter that is not Latin takes six bytes instead of two.
    charset: 'utf8',
    write: false,
    format: 'esm',
    target: ['es2022'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.png': 'dataurl', '.svg': 'copy' },
    outdir: '/page',
    entryNames: '[name]-[hash]',
    legalComments: 'none',
    logLevel: 'error',
  });
  const files = {};
  for (const { path: file, text } of outputFiles) {
    files[path.basename(file)] = { type: TYPES[path.extname(file)], text };
  }
  const named = (start, end) => Object.keys(files).find((file) => file.startsWith(start) && file.endsWith(end));
  return {
    script: named('main-', '.js'),
    style: named('main-', '.css'),
    worker: named('worker-', '.js') ?? null,
    icon: named('icon-', '.svg') ?? null,
    files,
  };
}

/** Several bundles of one build have the same page. */
const built = new Map();

/** For esbuild. */
export const browserPages = {
  name: 'browser-pages',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^page:/ }, ({ path: id }) => ({ path: id.slice('page:'.length), namespace: 'page' }));
    onLoad({ filter: /.*/, namespace: 'page' }, async ({ path: name }) => {
      const page = built.get(name) ?? buildPage(name);
      built.set(name, page);
      return { contents: JSON.stringify(await page), loader: 'json' };
    });
  },
};

/** For the test runner. */
export const browserPagesInTests = {
  name: 'browser-pages',
  enforce: 'pre',
  resolveId: (id) => (id.startsWith('page:') ? `\0${id}` : undefined),
  load: async (id) =>
    id.startsWith('\0page:')
      ? `export default ${JSON.stringify(await buildPage(id.slice('\0page:'.length)))}`
      : undefined,
};

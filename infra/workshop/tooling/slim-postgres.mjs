import { readFileSync } from 'node:fs';
import { leaveOut, replaceOnce } from './replace-once.mjs';

/**
 * esbuild plugin: leaves out of a bundle what the Postgres client carries and this service never asks for, 12 of its
 * 37 KiB. We give it whole texts with parameters (`unsafe`) on one connection (shared/db/connection.ts), so: no tagged
 * templates, no COPY, cursors, large objects, LISTEN, logical replication, no arrays decoded, no
 * names changed on the way. All tests run against what is left (shipped-clients.mjs).
 */
export const slimPostgres = {
  name: 'slim-postgres',
  setup({ onLoad }) {
    const load = (file, contentsOf) =>
      onLoad(
        { filter: new RegExp(`[\\\\/]node_modules[\\\\/]postgres[\\\\/]src[\\\\/]${file}\\.js$`) },
        ({ path }) => ({
          contents: contentsOf(readFileSync(path, 'utf8')),
        }),
      );
    load('subscribe', () => `export default () => () => { ${refusal('logical replication')} };`);
    load('large', () => `export default () => { ${refusal('large object')} };`);
    load('index', (text) => leaveOut(text, functions('listen', 'notify', 'reserve', 'begin', 'file', 'cancel')));
    load('query', (text) => leaveOut(text, ['readable', 'writable', 'cursor', 'describe']));
    load('connection', (text) => leaveOut(text, functions(...UNREACHED_ON_A_CONNECTION)));
    load('types', (text) => withoutNameChanges(withoutBuilders(text)));
  },
};

const UNREACHED_ON_A_CONNECTION = [
  ...['CopyInResponse', 'CopyOutResponse', 'CopyBothResponse', 'CopyData', 'CopyDone', 'PortalSuspended'],
  ...['cancel', 'fetchArrayTypes', 'addArrayType'],
];

function withoutBuilders(text) {
  const parts = functions('valuesBuilder', 'values', 'select', 'stringifyValue', 'fragment');
  const noFragments = leaveOut(text, [...parts, 'build']);
  return replaceOnce(noFragments, /^const builders = Object\.entries\([\s\S]*?\n\}\)\.map\(.*$/m, '');
}

function withoutNameChanges(text) {
  const names = [...text.matchAll(/^export const ((?:to|from)?(?:Camel|Pascal|Kebab)|camel|pascal|kebab) =/gm)];
  const none = `export const [${names.map(([, name]) => name).join(', ')}] = [];`;
  return replaceOnce(text, /^export const toCamel =[\s\S]*/m, none);
}

function functions(...names) {
  return names.map((name) => `function ${name}`);
}

function refusal(what) {
  return `throw new Error('${what} is left out of this bundle');`;
}

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { expect, it } from 'vitest';

const root = path.join(__dirname, '..');
const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));

/** What `npm publish` would send. `npm test` builds `dist/` first. */
function packed(): string[] {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return JSON.parse(output)[0].files.map((file: { path: string }) => file.path);
}
const files = packed();

it('holds the compiled plugin, its types, the dashboard block, and the papers; nothing else', () => {
  for (const file of [
    'package.json',
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
    'dist/index.js',
    'dist/index.d.ts',
    'dist/dispatch/service/client.js',
    'dist/dispatch/service/types.js',
    'dist/dashboard/index.tsx',
    'dist/dashboard/i18n/de.po',
    'templates/driver-assigned/body.hbs',
  ]) {
    expect(files).toContain(file);
  }
  const other = files.filter(
    (file) =>
      !/^dist\/.*(\.js|\.d\.ts)$|^templates\/[a-z-]+\/body\.hbs$|^dist\/dashboard\/.*\.(tsx?|po)$|^(package\.json|README\.md|CHANGELOG\.md|LICENSE)$/.test(
        file,
      ),
  );
  expect(other).toEqual([]);
  expect(files.filter((file) => /test|e2e|stand-in/.test(file))).toEqual([]);
});

it('depends on nothing but its peers', () => {
  expect(manifest.dependencies).toBeUndefined();
  const named = files
    .filter((file) => /\.(js|tsx)$/.test(file))
    .flatMap((file) => [
      ...fs.readFileSync(path.join(root, file), 'utf8').matchAll(/(?:require\(|from )["']([^"'.][^"']*)["']/g),
    ])
    .map(([, name]) => name!)
    .filter((name) => !name.startsWith('node:'))
    .map((name) =>
      name
        .split('/')
        .slice(0, name.startsWith('@') ? 2 : 1)
        .join('/'),
    );
  expect(named.length).toBeGreaterThan(10);
  for (const name of new Set(named)) expect(Object.keys(manifest.peerDependencies), name).toContain(name);
});

it('is CommonJS that loads, with the door the README names', () => {
  const out = execFileSync(
    process.execPath,
    ['-e', `console.log(Object.keys(require(${JSON.stringify(root)})).join(' '))`],
    { encoding: 'utf8' },
  );
  expect(out.trim().split(' ')).toEqual(
    expect.arrayContaining(['DriverDispatchPlugin', 'DeliveryAssignedEvent', 'Reconciler', 'driverDeliveryHandler']),
  );
});

it('says where its dashboard block is in the way the dashboard looks for it: a literal in the decorator of compiled code', () => {
  const file = path.join(root, 'dist/plugin.js');
  const source = ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
  const found: { className: string; dashboard: string }[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === '__decorate') {
      const [decorators, target] = node.arguments;
      decorators?.forEachChild((decorator) => {
        const settings = ts.isCallExpression(decorator) ? decorator.arguments[0] : undefined;
        if (!settings || !ts.isObjectLiteralExpression(settings) || !target || !ts.isIdentifier(target)) return;
        for (const property of settings.properties) {
          if (!ts.isPropertyAssignment(property) || property.name.getText() !== 'dashboard') continue;
          if (ts.isStringLiteral(property.initializer))
            found.push({ className: target.text, dashboard: property.initializer.text });
        }
      });
    }
    node.forEachChild(visit);
  };
  visit(source);
  expect(found).toEqual([{ className: 'DriverDispatchPlugin', dashboard: './dashboard/index.tsx' }]);
  expect(files).toContain(path.posix.join('dist', found[0]!.dashboard));
});

it('has the conventional marks of a Vendure plugin', () => {
  expect(manifest.keywords).toContain('vendure-plugin');
  expect(manifest.license).toBe('MIT');
  expect(fs.readFileSync(path.join(root, 'CHANGELOG.md'), 'utf8')).toContain(manifest.version);
});

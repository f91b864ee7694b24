import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import type { VendureConfig } from '@vendure/core';
import {
  defaultEmailHandlers,
  type EmailDetails,
  type EmailEventHandler,
  EmailPlugin,
  FileBasedTemplateLoader,
} from '@vendure/email-plugin';
import ts from 'typescript';
import * as driverDispatch from '../../src';

const root = path.join(__dirname, '../..');
const requireHere = createRequire(__filename);

/** The real e-mail plugin, with the handlers that the README has one paste and the texts it has one copy. */
export interface Mails {
  plugin: NonNullable<VendureConfig['plugins']>[number];
  sent: EmailDetails[];
  close(): void;
}

export function mailsAsInReadme(): Mails {
  const templates = fs.mkdtempSync(path.join(os.tmpdir(), 'mails-'));
  for (const from of [path.join(requireHere.resolve('@vendure/email-plugin/package.json'), '..'), root])
    fs.cpSync(path.join(from, 'templates'), templates, { recursive: true });
  const sent: EmailDetails[] = [];
  const plugin = EmailPlugin.init({
    transport: { type: 'none' },
    emailSender: { send: async (email) => void sent.push(email) },
    templateLoader: new FileBasedTemplateLoader(templates),
    handlers: [...defaultEmailHandlers, ...pasted().driverMails],
    globalTemplateVars: { fromAddress: '"Bakery" <bakery@example.com>' },
  });
  return { plugin, sent, close: () => fs.rmSync(templates, { recursive: true }) };
}

/** What the file exports that is made of the README's code. */
function pasted(): { driverMails: EmailEventHandler[] } {
  const readme = fs.readFileSync(path.join(root, 'README.md'), 'utf8');
  const [, code] = /```ts\n([^`]*EmailEventListener[^`]*)```/.exec(readme) ?? [];
  if (code === undefined) throw new Error('The README has no handlers for mails');
  const compilerOptions = { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 };
  const { outputText } = ts.transpileModule(code, { compilerOptions });
  const exported = { driverMails: [] };
  const asInstalled = (name: string) =>
    name === 'vendure-plugin-driver-dispatch' ? driverDispatch : requireHere(name);
  new Function('require', 'exports', outputText)(asInstalled, exported);
  return exported;
}

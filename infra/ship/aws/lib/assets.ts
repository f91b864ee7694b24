import fs from 'node:fs';
import path from 'node:path';

export interface Route {
  method: string;
  /** As an endpoint writes it: `/v1/drivers/:id`. */
  path: string;
}

/** Functions that answer requests but have no bundle for Lambda, and why. */
export const SERVER_ONLY: Readonly<Record<string, string>> = {
  docs: 'the description of the interface is a file of the project: publish it where the other documentation is',
  metrics: 'they are what one process has counted; on Lambda CloudWatch counts over all of them',
};

/** dist/, where `npm run build` puts all that the stack is made from: above this file, and beside the bundled app. */
function dist(): string {
  const here = import.meta.dirname;
  return path.basename(here) === 'dist' ? here : path.join(here, '..', 'dist');
}

/** The folder with a Lambda's code. @throws Error where the build did not make it */
export function codeOf(name: string): string {
  const folder = path.join(dist(), 'lambda', name);
  if (!fs.existsSync(path.join(folder, 'index.mjs'))) throw new Error(`dist/ has no Lambda ${name}: npm run build`);
  return folder;
}

/** function → what it answers to, as its own endpoints say. */
export function readRoutes(): Readonly<Record<string, readonly Route[]>> {
  return JSON.parse(fs.readFileSync(path.join(dist(), 'routes.json'), 'utf8'));
}

/** The functions that get a Lambda and routes. */
export function httpFunctions(): readonly string[] {
  return Object.keys(readRoutes()).filter((name) => !(name in SERVER_ONLY));
}

/** `/v1/drivers/:id` → `/v1/drivers/{id}` */
export function gatewayPath(endpointPath: string): string {
  return endpointPath.replaceAll(/:(\w+)/g, '{$1}');
}

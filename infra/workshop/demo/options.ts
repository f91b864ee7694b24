import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';

/** Said to the person who started the demo, in one line; the program then ends with 1. */
export class DemoError extends Error {}

export const HELP = `npm run demo [-- options]

A simulated city against the running service (npm start): drivers move and report, orders arrive by signed webhook,
and every webhook that comes back is checked: signature, order, none missing. Ctrl-C ends it cleanly.

  --minutes 2      how long orders arrive (real minutes)
  --speed 20       simulated seconds per second, 1 to 200
  --drivers 50     1 to 500; kept between runs (externalRef demo-<n>)
  --seed 1         the same seed gives the same city
  --lose 1         per cent of webhooks whose answer the receiver loses on purpose, so that they are sent again

  --url URL            http://127.0.0.1:$PORT, port 3001 unless set
  --shop default       the shop's slug
  --key dk_…           the shop's key            \\
  --secret whsec_…     what the shop signs with   > from the environment or .data/secrets.json unless given
  --operator-key …     the operator's key        /
  --webhook-secret …   the secret of the webhook the shop has now, put back at the end with its URL (the service
                       tells nobody a secret); without it, a shop that has a webhook already is left alone

The service must reach 127.0.0.1 of this machine (WEBHOOK_ALLOW_PRIVATE=true, as npm start has it). The demo's drivers
take whatever the shop gives them, so place an order of your own while it runs. Ends with 0 only if no webhook was
wrong or missing and no request failed unexpectedly.`;

export interface DemoOptions {
  minutes: number;
  speed: number;
  drivers: number;
  seed: number;
  /** 0..1 */
  lose: number;
  url: string;
  shop: string;
  key: string;
  secret: string;
  operatorKey: string;
  webhookSecret: string | null;
}

const text = { type: 'string' } as const;
const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  minutes: { ...text, default: '2' },
  speed: { ...text, default: '20' },
  drivers: { ...text, default: '50' },
  seed: { ...text, default: '1' },
  lose: { ...text, default: '1' },
  url: text,
  shop: { ...text, default: 'default' },
  key: text,
  secret: text,
  'operator-key': text,
  'webhook-secret': text,
} as const;

/**
 * @param root the project's folder, which has `.data/secrets.json` after `npm start`
 * @returns null where help was asked for
 * @throws DemoError for an unknown option, a value out of range or a missing key
 */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  root: string,
): DemoOptions | null {
  const given = parse(args);
  if (given.help) return null;
  const kept = readSecrets(path.join(root, '.data', 'secrets.json'));
  const need = (flag: 'key' | 'secret' | 'operator-key', variable: string): string => {
    const value = given[flag] ?? env[variable] ?? kept[variable];
    if (!value)
      throw new DemoError(
        `--${flag} is missing: no ${variable} in .data/secrets.json. Start the service first: npm start`,
      );
    return value;
  };
  return {
    minutes: number(given.minutes, '--minutes', 0.05, 24 * 60),
    speed: number(given.speed, '--speed', 1, 200),
    drivers: Math.floor(number(given.drivers, '--drivers', 1, 500)),
    seed: Math.floor(number(given.seed, '--seed', 0, 2 ** 32 - 1)),
    lose: number(given.lose, '--lose', 0, 50) / 100,
    url: (given.url ?? `http://127.0.0.1:${env.PORT || 3001}`).replace(/\/+$/, ''),
    shop: given.shop,
    key: need('key', 'DEFAULT_SHOP_KEY'),
    secret: need('secret', 'DEFAULT_SHOP_SECRET'),
    operatorKey: need('operator-key', 'OPERATOR_KEY'),
    webhookSecret: given['webhook-secret'] ?? null,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new DemoError(`${(error as Error).message.split('\n')[0]} (npm run demo -- --help)`);
  }
}

function readSecrets(file: string): Record<string, string> {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, string>;
  } catch {
    return {};
  }
}

function number(value: string, flag: string, min: number, max: number): number {
  const parsed = Number(value);
  if (value.trim() !== '' && parsed >= min && parsed <= max) return parsed;
  throw new DemoError(`${flag} must be a number from ${min} to ${max}`);
}

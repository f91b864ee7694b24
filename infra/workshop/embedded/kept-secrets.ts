import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

/**
 * The secrets of an installation that was given none: the operator's, the default shop's, the one that signs tokens.
 * Made once and kept in `folder`/secrets.json, so that a restart keeps them valid.
 * @param more further ones, kept the same way
 */
export function keptSecrets(
  folder: string,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const file = path.join(folder, 'secrets.json');
  const random = (bytes: number) => randomBytes(bytes).toString('base64url');
  const known = fs.existsSync(file) ? (JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, string>) : {};
  const made = {
    TOKEN_SECRET: random(32),
    OPERATOR_KEY: random(24),
    DEFAULT_SHOP_KEY: `dk_${randomBytes(6).toString('hex')}_${random(24)}`,
    DEFAULT_SHOP_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
    DEFAULT_SHOP_STATIC_SECRET: random(24),
    ...more,
  };
  const secrets = { ...made, ...known };
  // A container that only reads them has the folder read-only.
  if (Object.keys(made).every((name) => name in known)) return secrets;
  fs.mkdirSync(folder, { recursive: true, mode: 0o755 });
  fs.writeFileSync(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return secrets;
}

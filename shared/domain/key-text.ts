/** A shop's key in its two parts, neither of them proved. */
export interface KeyParts {
  keyId: string;
  /** May have `_` in it, also as its first letter. */
  secret: string;
}

const ID = '[A-Za-z0-9-]{1,64}';
export const KEY_ID = new RegExp(`^${ID}$`);
const KEY = new RegExp(`^dk_(${ID})_([A-Za-z0-9_-]{16,128})$`);

export function writeKey({ keyId, secret }: KeyParts): string {
  return `dk_${keyId}_${secret}`;
}

/** @returns `null`: this is not `dk_<keyId>_<secret>`, with an id of 1 to 64 and a secret of 16 to 128 characters */
export function readKey(text: string): KeyParts | null {
  const [, keyId, secret] = KEY.exec(text) ?? [];
  return keyId === undefined || secret === undefined ? null : { keyId, secret };
}

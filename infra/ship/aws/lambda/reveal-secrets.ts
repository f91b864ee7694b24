/** `${secret:ARN}`, its version as `${secret:ARN@id}`, and `…#key` where it is a JSON object with this field. */
const REFERENCE = /\$\{secret:([^@#}]+)(?:@([^#}]+))?(?:#([^}]+))?\}/g;

type FetchSecret = (arn: string, version?: string) => Promise<string>;

/**
 * Replaces every reference to a secret in `env` by the secret, so that a Lambda's configuration shows references only.
 * Each version of each secret is fetched once; all at the same time. A variable that is itself `SECRET_ENVIRONMENT` names a secret whose
 * JSON fields become variables, where not set already.
 * @throws Error naming the variable whose secret could not be had; never a value
 */
export async function revealSecrets(env: Record<string, string | undefined>, fetchSecret: FetchSecret): Promise<void> {
  const fetched = new Map<string, Promise<string>>();
  const secretOf: FetchSecret = (arn, version) => {
    const name = `${arn}@${version ?? ''}`;
    const known = fetched.get(name) ?? fetchSecret(arn, version);
    fetched.set(name, known);
    return known;
  };
  await Promise.all(
    Object.entries(env).map(async ([name, value]) => {
      if (value === undefined || !value.includes('${secret:')) return;
      try {
        env[name] = await reveal(value, secretOf);
      } catch (cause) {
        throw new Error(`The secret in ${name} could not be read`, { cause });
      }
    }),
  );
  const { SECRET_ENVIRONMENT: more } = env;
  if (more === undefined) return;
  for (const [name, value] of Object.entries(JSON.parse(more) as Record<string, string>)) env[name] ??= value;
}

async function reveal(value: string, secretOf: FetchSecret): Promise<string> {
  const references = [...value.matchAll(REFERENCE)];
  const secrets = await Promise.all(
    references.map(async ([, arn = '', version, key]) => {
      const secret = await secretOf(arn, version);
      if (key === undefined) return secret;
      const field = (JSON.parse(secret) as Record<string, unknown>)[key];
      if (typeof field !== 'string') throw new Error(`It has no field ${key}`);
      return field;
    }),
  );
  return references.reduce((text, [reference], n) => text.replace(reference, () => secrets[n] ?? ''), value);
}

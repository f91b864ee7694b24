/** `${secret:ARN}` or `${secret:ARN#key}`, where the secret is a JSON object and `key` one of its fields. */
const REFERENCE = /\$\{secret:([^#}]+)(?:#([^}]+))?\}/g;

/**
 * Replaces every reference to a secret in `env` by the secret, so that a Lambda's configuration shows references only.
 * Each secret is fetched once; all at the same time. A variable that is itself `SECRET_ENVIRONMENT` names a secret whose
 * JSON fields become variables, where not set already.
 * @throws Error naming the variable whose secret could not be had; never a value
 */
export async function revealSecrets(
  env: Record<string, string | undefined>,
  fetchSecret: (arn: string) => Promise<string>,
): Promise<void> {
  const fetched = new Map<string, Promise<string>>();
  const secretOf = (arn: string) => {
    const known = fetched.get(arn) ?? fetchSecret(arn);
    fetched.set(arn, known);
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

async function reveal(value: string, secretOf: (arn: string) => Promise<string>): Promise<string> {
  const references = [...value.matchAll(REFERENCE)];
  const secrets = await Promise.all(
    references.map(async ([, arn = '', key]) => {
      const secret = await secretOf(arn);
      if (key === undefined) return secret;
      const field = (JSON.parse(secret) as Record<string, unknown>)[key];
      if (typeof field !== 'string') throw new Error(`It has no field ${key}`);
      return field;
    }),
  );
  return references.reduce((text, [reference], n) => text.replace(reference, () => secrets[n] ?? ''), value);
}

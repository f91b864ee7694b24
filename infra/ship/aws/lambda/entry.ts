import { fetchSecret } from './fetch-secret.ts';
import { revealSecrets } from './reveal-secrets.ts';

// Before the function's own module is loaded, because that reads the environment as it is loaded.
await revealSecrets(process.env, fetchSecret);

export const { handler } = await import('./function.mjs');

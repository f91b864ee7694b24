import { randomBytes } from 'node:crypto';
import { sealSecrets } from '#shared/flows/seal-secrets.ts';
import { withdrawEverything } from '#shared/flows/withdraw-everything.ts';
import { type Command, shopOf, textOf, UsageError } from './command.ts';

export const secretCommands: Readonly<Record<string, Command>> = {
  'secrets leaked': {
    operands: [],
    help: 'Everything has leaked: withdraw all keys, drivers’ tokens and phones, codes and sessions, at once (guide: leaked.md)',
    options: { yes: { type: 'boolean' }, shop: { type: 'string' } },
    optionHelp: { yes: 'do it: nobody gets in until they have new ones', shop: 'of this shop alone' },
    run: async (context, _, values) => {
      if (values.yes !== true) throw new UsageError('Everybody is logged out, and every program stops: say --yes');
      const shop = textOf(values, 'shop');
      const withdrawn = await withdrawEverything(context.deps, shop === null ? null : (await shopOf(context, shop)).id);
      const fresh = { TOKEN_SECRET: random(32), OPERATOR_KEY: random(24) };
      const lines = Object.entries(fresh).map(([name, value]) => `  ${name}=${value}`);
      return {
        rows: [{ ...withdrawn }],
        value: { withdrawn, fresh },
        note: `Now put new secrets into the environment of every process, without TOKEN_SECRET_PREVIOUS, and restart:
${lines.join('\n')}
Then: keys create <shop>, new webhook secrets for each shop, devices pair for each driver. infra/product/guides/leaked.md`,
      };
    },
  },
  'secrets seal': {
    operands: [],
    help: 'Encipher stored webhook secrets with the present TOKEN_SECRET; the relay does it by itself',
    run: async ({ deps }) => {
      const shops = await sealSecrets(deps);
      return { value: { shops }, note: `Sealed the secrets of ${shops} shops` };
    },
  },
};

const random = (bytes: number) => randomBytes(bytes).toString('base64url');

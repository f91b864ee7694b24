import { describe, expect, it } from 'vitest';
import { DemoError, readOptions } from './options.ts';

const KEYS = ['--key', 'dk_a_b', '--secret', 'whsec_x', '--operator-key', 'op'];
const NOWHERE = '/nonexistent';

describe('the options of the demo', () => {
  it('has defaults for all but the keys', () => {
    expect(readOptions(KEYS, {}, NOWHERE)).toMatchObject({
      minutes: 2,
      speed: 20,
      drivers: 50,
      seed: 1,
      url: 'http://127.0.0.1:3001',
      shop: 'default',
    });
    expect(readOptions(KEYS, { PORT: '3101' }, NOWHERE)?.url).toBe('http://127.0.0.1:3101');
  });

  it('takes keys from the environment where none is given', () => {
    const env = { DEFAULT_SHOP_KEY: 'dk_env', DEFAULT_SHOP_SECRET: 'whsec_env', OPERATOR_KEY: 'op-env' };
    expect(readOptions(['--key', 'dk_flag'], env, NOWHERE)).toMatchObject({ key: 'dk_flag', secret: 'whsec_env' });
  });

  it('says in one line what is missing or wrong', () => {
    const refusal = (args: string[]) => {
      try {
        return readOptions(args, {}, NOWHERE);
      } catch (error) {
        return error instanceof DemoError ? error.message : error;
      }
    };
    expect(refusal([])).toMatch(/^--key is missing.*npm start$/);
    expect(refusal([...KEYS, '--speed', 'fast'])).toBe('--speed must be a number from 1 to 200');
    expect(refusal([...KEYS, '--drivers', '0'])).toBe('--drivers must be a number from 1 to 500');
    expect(refusal([...KEYS, '--nonsense'])).toMatch(/^Unknown option '--nonsense'.*--help\)$/);
    expect(refusal(['--help'])).toBeNull();
  });
});

import { describe, expect, it } from 'vitest';
import { readOptions } from './options.ts';

describe('the options of the dispatch bench', () => {
  it('has defaults for all but the days', () => {
    expect(readOptions(['--mdrp', 'days'])).toEqual({
      bench: 'mdrp',
      folder: 'days',
      instances: null,
      solutions: null,
      policies: ['nearest', 'planned'],
      search: {},
      json: false,
    });
    expect(readOptions(['--city'])).toMatchObject({ bench: 'city', days: 3, economies: [0, 0.5, 1], trouble: 'none' });
    expect(readOptions(['--help', '--nonsense', '1'].slice(0, 1))).toBeNull();
  });

  it('reads lists and numbers', () => {
    const mdrp = ['--mdrp', 'days', '--instances', 'a, b', '--policy', 'planned', '--seed', '7', '--rounds', '0'];
    expect(readOptions(mdrp)).toMatchObject({
      instances: ['a', 'b'],
      policies: ['planned'],
      search: { seed: 7, rounds: 0 },
    });
    const city = ['--city', '--days', '1', '--economy', '0.25', '--trouble', 'silent', '--json'];
    expect(readOptions(city)).toMatchObject({ days: 1, economies: [0.25], trouble: 'silent', json: true });
  });

  it.each([
    [[], 'either --mdrp FOLDER or --city'],
    [['--city', '--mdrp', 'days'], 'either --mdrp FOLDER or --city'],
    [['--city', '--solutions', 'out'], '--solutions belongs to --mdrp'],
    [['--mdrp', 'days', '--days', '2'], '--days belongs to --city'],
    [['--city', '--policy', 'best'], '--policy: there is no best; there are: planned nearest'],
    [['--city', '--trouble', 'rain'], '--trouble: there is no rain; there are: none travel'],
    [['--city', '--economy', '2'], '--economy takes a number from 0 to 1, not 2'],
    [['--city', '--days', '1.5'], '--days takes a whole number, not 1.5'],
    [['--city', '--rounds', 'many'], '--rounds takes a number from 0, not many'],
    [['--weather'], "Unknown option '--weather'"],
  ])('%j is refused in one line', (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});

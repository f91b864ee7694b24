import type { Options } from './options.ts';
export async function runMutants(_name: string, _options: Options): Promise<number> {
  throw new Error('not yet');
}

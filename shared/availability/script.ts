import { createHash } from 'node:crypto';
import type { Commands } from './client.ts';

/** A Lua file with its keys named in the order of `KEYS`, and a reader that refuses any reply the header does not name. */
export interface Script<Key extends string, Reply> {
  name: string;
  lua: string;
  keys: readonly Key[];
  read(reply: unknown): Reply;
}

/** @returns a function that runs `script` by its hash, and sends the text only where Redis does not have it yet */
export function script<Key extends string, Reply>({ name, lua, keys, read }: Script<Key, Reply>) {
  const sha = createHash('sha1').update(lua).digest('hex');
  return async (redis: Commands, names: Record<Key, string>, args: readonly (string | number)[]): Promise<Reply> => {
    const rest = [keys.length, ...keys.map((key) => names[key]), ...args];
    const reply = await redis.call('EVALSHA', sha, ...rest).catch((error: unknown) => {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
      return redis.call('EVAL', lua, ...rest);
    });
    try {
      return read(reply);
    } catch (cause) {
      throw new Error(`script ${name} gave a reply its header does not name`, { cause });
    }
  };
}

/** @throws TypeError unless `reply` is a list of `length` strings (of any length when left out) */
export function strings(reply: unknown, length?: number): string[] {
  if (!Array.isArray(reply) || !reply.every((item) => typeof item === 'string')) throw new TypeError('not strings');
  if (length !== undefined && reply.length !== length) throw new TypeError(`${reply.length} replies, not ${length}`);
  return reply;
}

/** @throws TypeError unless each of `replies` is one of `allowed` */
export function eachOneOf<Reply extends string>(replies: readonly string[], allowed: readonly Reply[]): Reply[] {
  return replies.map((reply) => {
    const known = allowed.find((one) => one === reply);
    if (known === undefined) throw new TypeError(`reply ${reply}`);
    return known;
  });
}

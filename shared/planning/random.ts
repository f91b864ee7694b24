import { fnv1a } from '#shared/domain/fnv1a.ts';

/** Numbers in 0..1 (1 excluded). */
export type Random = () => number;

/**
 * The same row of numbers for the same words, on any machine. Mulberry32 (Tommy Ettinger, public domain), started by
 * FNV-1a: one word changed gives another row.
 */
export function randomFrom(words: readonly string[]): Random {
  let state = fnv1a(words.join('\n')) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

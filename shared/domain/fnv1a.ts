/**
 * 32-bit FNV-1a over the UTF-16 code units of `text` (its bytes, for ASCII such as a UUID), 0..2³²−1.
 * Spreads; it is no protection against anyone. Source: http://www.isthe.com/chongo/tech/comp/fnv/.
 */
export function fnv1a(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * A text cut to at most `max` UTF-16 units, as the contract counts lengths, and never within what is seen as one
 * character: half of an emoji cannot be stored by Postgres, and a letter without its accent is another letter. A single
 * character longer than `max` leaves nothing.
 */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  // One character is rarely longer than this; to segment a whole letter for its first 40 units would be a waste.
  const head = text.slice(0, max + LONGEST_LOOKED_AT);
  let end = 0;
  for (const { index, segment } of graphemes.segment(head)) {
    if (index + segment.length > max) break;
    end = index + segment.length;
  }
  return text.slice(0, end);
}
const LONGEST_LOOKED_AT = 64;

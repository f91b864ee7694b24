/** `'A','B'`: fixed words of ours as a SQL list. Never for what anybody sends: that goes as a parameter. */
export function sqlList(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(',');
}

/**
 * @returns `text` with `replacement` in the place of what `pattern` finds
 * @throws when it does not find exactly one: the library's text is another than the one we know
 */
export function replaceOnce(text, pattern, replacement) {
  const found = text.match(new RegExp(pattern, 'g'))?.length ?? 0;
  if (found !== 1) throw new Error(`${pattern} is ${found} times in a library's text: look at it again`);
  return text.replace(pattern, replacement);
}

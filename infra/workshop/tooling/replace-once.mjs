/**
 * @returns `text` with `replacement` in the place of what `pattern` finds
 * @throws when it does not find exactly one: the library's text is another than the one we know
 */
export function replaceOnce(text, pattern, replacement) {
  const found = text.match(new RegExp(pattern.source, `g${pattern.flags}`))?.length ?? 0;
  if (found !== 1) throw new Error(`${pattern} is ${found} times in a library's text: look at it again`);
  return text.replace(pattern, replacement);
}

/**
 * @param names of functions and methods, as they are declared: 'function listen', 'cursor'
 * @returns `text` where each of them throws when it is called, instead of what it did
 */
export function leaveOut(text, names) {
  return names.reduce(
    (rest, name) =>
      replaceOnce(
        rest,
        new RegExp(`^( *)((?:async )?${name})\\(.*\\{$[\\s\\S]*?^\\1\\}$`, 'm'),
        `$1$2() { throw new Error('${name} is left out of this bundle'); }`,
      ),
    text,
  );
}

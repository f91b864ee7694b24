import { expect, test } from 'vitest';

const { leaveOut, replaceOnce } = await import(new URL('./replace-once.mjs', import.meta.url).href);

const LIBRARY = `class Query {
  async cursor(rows = 1, fn) {
    if (fn) {
      return fn(rows)
    }
  }

  kept() {
    return this.cursor(1)
  }
}
function listen(name) {
  return name
}`;

test('what is left out throws, and what stands beside it stays', () => {
  const text: string = leaveOut(LIBRARY, ['cursor', 'function listen']);
  const library = new Function(`${text}; return { query: new Query(), listen };`)();
  expect(() => library.listen('x')).toThrow('function listen is left out of this bundle');
  return expect(library.query.kept()).rejects.toThrow('cursor is left out of this bundle');
});

test('a library of another text fails the build', () => {
  expect(() => leaveOut(LIBRARY, ['function notify'])).toThrow('0 times');
  expect(() => replaceOnce(LIBRARY, /return/, '')).toThrow('3 times');
});

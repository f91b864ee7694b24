import { expect, test } from 'vitest';
import { openLines } from './lines.ts';

function opened() {
  const written: string[] = [];
  let exit = (): void => {};
  const line = openLines(
    (text) => void written.push(text),
    (flush) => {
      exit = flush;
    },
  );
  return { line, written, exit: () => exit() };
}

const nextTurn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('the lines of one turn are one write, in order; later ones another', async () => {
  const { line, written } = opened();
  line('a');
  line('b');
  expect(written).toEqual([]);
  await nextTurn();
  expect(written).toEqual(['a\nb\n']);
  line('c');
  await nextTurn();
  expect(written).toEqual(['a\nb\n', 'c\n']);
});

test('what is held when the process ends is written, and so is what is said while it ends', async () => {
  const { line, written, exit } = opened();
  line('a');
  exit();
  line('last words');
  expect(written).toEqual(['a\n', 'last words\n']);
  await nextTurn();
  expect(written).toHaveLength(2);
});

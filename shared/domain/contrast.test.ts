import { expect, test } from 'vitest';
import { contrastOf, inkOn } from './contrast.ts';

test('contrast as WCAG has it', () => {
  expect(contrastOf('#ffffff', '#000000')).toBeCloseTo(21, 5);
  expect(contrastOf('#767676', '#ffffff')).toBeCloseTo(4.54, 2);
  expect(contrastOf('#abcdef', '#abcdef')).toBe(1);
});

test('what is written on a colour can be read, whichever colour a shop has', () => {
  const steps = Array.from({ length: 18 }, (_, step) => (step * 15).toString(16).padStart(2, '0'));
  for (const red of steps)
    for (const green of steps)
      for (const blue of steps) {
        const color = `#${red}${green}${blue}`;
        expect(contrastOf(color, inkOn(color)), color).toBeGreaterThanOrEqual(4.5);
      }
  expect([inkOn('#0b6e4f'), inkOn('#ffd400')]).toEqual(['#ffffff', '#000000']);
});

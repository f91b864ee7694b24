import { expect, test } from 'vitest';
import { arrivalWindow } from './window.ts';

const at = (time: string) => Date.parse(`2026-05-04T${time}Z`);
const windowAt = (now: string, source: 'routing' | 'estimate' = 'estimate') => {
  const window = arrivalWindow(at('13:00:00'), source, at(now));
  return window && [window.fromMs, window.toMs].map((ms) => new Date(ms).toISOString().slice(11, 16));
};

test('the window of an arrival narrows as it comes closer, in steps of five minutes', () => {
  expect(windowAt('11:00:00')).toEqual(['12:30', '13:30']);
  expect(windowAt('12:00:00')).toEqual(['12:45', '13:15']);
  expect(windowAt('12:40:00')).toEqual(['12:55', '13:05']);
  expect(windowAt('12:57:00')).toBeNull();
  expect(windowAt('13:20:00')).toBeNull();
});

test('roads that were asked are nearer the truth than a straight line', () => {
  expect(windowAt('11:00:00', 'routing')).toEqual(['12:40', '13:20']);
});

test('it never begins before now', () => {
  expect(windowAt('12:55:30')).toEqual(['12:55', '13:05']);
});

import { afterEach, expect, test } from 'vitest';
import { LANGUAGES, speak } from '#shared/pages/spoken.ts';
import { texts } from './language.ts';

afterEach(() => speak('en', ['en-GB']));

test('a count has the form, and the digits, of its language', () => {
  const waiting = [0, 1, 2, 3, 11, 100].map((count) => {
    speak('ar', []);
    return texts.stepsWaiting(count);
  });
  expect(new Set(waiting.map((each) => each.replace(/[\d٠-٩]+/, '#'))).size).toBe(5);
  expect(waiting[2]).toBe('خطوتان في الانتظار');
  speak('ar', ['ar-EG']);
  expect(texts.stepsWaiting(3)).toBe('٣ خطوات في الانتظار');
  speak('ar', ['ar-AE']);
  expect(texts.stepsWaiting(3)).toBe('3 خطوات في الانتظار');
});

test('each language says everything, in its own words', () => {
  const said = Object.keys(LANGUAGES).map((language) => {
    speak(language as keyof typeof LANGUAGES, []);
    return JSON.stringify(texts);
  });
  expect(new Set(said).size).toBe(said.length);
});

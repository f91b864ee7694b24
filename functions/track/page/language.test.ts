import { afterEach, expect, test } from 'vitest';
import { LANGUAGES, speak } from '#shared/pages/spoken.ts';
import { texts } from './language.ts';

afterEach(() => speak('en', ['en-GB']));

test('each language says everything, in its own words', () => {
  const said = Object.keys(LANGUAGES).map((language) => {
    speak(language as keyof typeof LANGUAGES, []);
    return JSON.stringify(texts);
  });
  expect(new Set(said).size).toBe(said.length);
});

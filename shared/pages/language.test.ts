import { afterEach, expect, test } from 'vitest';
import { texts } from './language.ts';
import { LANGUAGES, listText, momentText, speak, timeText } from './spoken.ts';

const NOON = '2026-05-04T12:05:00Z';
afterEach(() => speak('en', ['en-GB']));

test('the reader’s first language that is among ours, else English', () => {
  const spoken = (...wanted: string[]) => {
    speak(null, wanted);
    return texts.back;
  };
  expect(spoken('de-AT', 'en')).toBe('Zurück');
  expect(spoken('tr', 'ar-EG')).toBe('رجوع');
  expect(spoken('tr')).toBe('Back');
  expect(spoken('toString')).toBe('Back');
});

test('a choice comes before what the phone speaks', () => {
  speak('de', ['en-GB']);
  expect(texts.drive.stepsWaiting(2)).toBe('2 Schritte warten');
});

test('a count has the form, and the digits, of its language', () => {
  const waiting = [0, 1, 2, 3, 11, 100].map((count) => {
    speak('ar', []);
    return texts.drive.stepsWaiting(count);
  });
  expect(new Set(waiting.map((each) => each.replace(/[\d٠-٩]+/, '#'))).size).toBe(5);
  expect(waiting[2]).toBe('خطوتان في الانتظار');
  speak('ar', ['ar-EG']);
  expect(texts.drive.stepsWaiting(3)).toBe('٣ خطوات في الانتظار');
  speak('ar', ['ar-AE']);
  expect(texts.drive.stepsWaiting(3)).toBe('3 خطوات في الانتظار');
});

test('times are written as the reader’s country writes them', () => {
  speak(null, ['ar-EG']);
  expect(timeText(NOON)).toBe(
    new Intl.DateTimeFormat('ar-EG', { hour: '2-digit', minute: '2-digit' }).format(new Date(NOON)),
  );
  speak(null, ['de-DE']);
  expect(momentText(NOON, Date.parse('2026-06-01T00:00:00Z'))).toMatch(/^4\. Mai/);
  expect(listText(['eins', 'zwei'])).toBe('eins, zwei');
});

test('each language says everything, in its own words', () => {
  const said = Object.keys(LANGUAGES).map((language) => {
    speak(language as keyof typeof LANGUAGES, []);
    return JSON.stringify(texts);
  });
  expect(new Set(said).size).toBe(said.length);
});

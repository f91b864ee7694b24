import { afterEach, expect, test } from 'vitest';
import { language, listText, momentText, onLanguage, speak, timeText } from './spoken.ts';

const NOON = '2026-05-04T12:05:00Z';
afterEach(() => speak('en', ['en-GB']));

test('the reader’s first language that is among ours, else English; a choice comes before', () => {
  const spoken = (...wanted: string[]) => {
    speak(null, wanted);
    return language;
  };
  expect(spoken('de-AT', 'en')).toBe('de');
  expect(spoken('tr', 'ar-EG')).toBe('ar');
  expect(spoken('tr')).toBe('en');
  expect(spoken('toString')).toBe('en');
  speak('de', ['en-GB']);
  expect(language).toBe('de');
});

test('whoever has a catalogue is told of each choice', () => {
  const told: string[] = [];
  onLanguage((chosen) => told.push(chosen));
  speak('ar', []);
  speak(null, ['de']);
  expect(told).toEqual(['ar', 'de']);
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

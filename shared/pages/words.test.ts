import { expect, test } from 'vitest';
import { distanceText, durationText, phoneLink } from './words.ts';

test.each([
  ['+49 30 1234567', 'tel:+49301234567'],
  ['+49 30 1234567 ext. 5', 'tel:+49301234567;ext=5'],
  ['030/123-45 x12', 'tel:03012345;ext=12'],
])('%s is dialled as %s', (phone, link) => {
  expect(phoneLink(phone)).toBe(link);
});

test.each([
  ['en-US', '350 m', '1.5 km', '12 km', '40 sec', '25 min', '1 hr 5 min'],
  ['de-DE', '350 m', '1,5 km', '12 km', '40 Sek.', '25 Min.', '1 Std., 5 Min.'],
  ['ar-EG', '٣٥٠ مترًا', '١٫٥ كم', '١٢ كم', '٤٠ ث', '٢٥ د', '١ س و٥ د'],
])('%s: distances and durations have its digits and units', (locale, ...said) => {
  const distances = [352, 1_480, 12_300].map((metres) => distanceText(metres, locale));
  const durations = [40, 1_500, 3_900].map((seconds) => durationText(seconds, locale));
  expect([...distances, ...durations].map((text) => text.replaceAll('\u00a0', ' '))).toEqual(said);
});

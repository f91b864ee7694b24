import { expect, test } from 'vitest';
import { phoneLink } from './words.ts';

test.each([
  ['+49 30 1234567', 'tel:+49301234567'],
  ['+49 30 1234567 ext. 5', 'tel:+49301234567;ext=5'],
  ['030/123-45 x12', 'tel:03012345;ext=12'],
])('%s is dialled as %s', (phone, link) => {
  expect(phoneLink(phone)).toBe(link);
});

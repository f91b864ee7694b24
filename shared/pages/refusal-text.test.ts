import { expect, test } from 'vitest';
import { Refusal } from './ask.ts';
import { type RefusalWords, refusalText } from './refusal-text.ts';

const WORDS: RefusalWords = {
  noConnection: 'Keine Verbindung',
  problems: { offer_over: 'Vorbei', 'offer_over:full': 'Kein Platz' },
  because: (detail) => `Ging nicht: ${detail}`,
};
const problem = (type: string, more: object = {}) =>
  new Refusal(409, { type: `urn:problem:${type}`, detail: 'In English', ...more });

test.each([
  ['no answer', new Refusal(0, { title: 'No connection' }), 'Keine Verbindung'],
  ['a problem that has words', problem('offer_over', { why: 'expired' }), 'Vorbei'],
  ['one whose cause has words of its own', problem('offer_over', { why: 'full' }), 'Kein Platz'],
  ['one that has none', problem('illegal_route'), 'Ging nicht: In English'],
  ['an answer that is no problem document', new Refusal(502, {}), 'Ging nicht: Error 502'],
  ['what is no refusal', new DOMException('Not allowed', 'NotAllowedError'), 'Ging nicht: Not allowed'],
])('%s is said in the words of the page', (_, error, said) => {
  expect(refusalText(error, WORDS)).toBe(said);
});

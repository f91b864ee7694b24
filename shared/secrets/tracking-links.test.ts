import { expect, test } from 'vitest';
import { openTrackingLinks } from './tracking-links.ts';

const ID = '0199f3a2-7c1d-7abc-8def-0123456789ab';
const links = openTrackingLinks({ secret: 'one', previousSecret: null, publicUrl: 'https://d.example/' });

test('a token opens its delivery and no other', () => {
  const token = links.tokenOf(ID);
  expect(links.deliveryOf(token)).toBe(ID);
  for (const place of [0, 10, 22, 40]) {
    const wrong = token.slice(0, place) + (token[place] === 'A' ? 'B' : 'A') + token.slice(place + 1);
    expect(links.deliveryOf(wrong)).toBeNull();
  }
  expect(links.deliveryOf('')).toBeNull();
  expect(links.deliveryOf(`${token}A`)).toBeNull();
});

test('links survive one change of the secret, and need a public URL to be links', () => {
  const token = links.tokenOf(ID);
  expect(openTrackingLinks({ secret: 'two', previousSecret: 'one', publicUrl: null }).deliveryOf(token)).toBe(ID);
  expect(openTrackingLinks({ secret: 'two', previousSecret: null, publicUrl: null }).deliveryOf(token)).toBeNull();
  expect(links.urlOf(ID)).toBe(`https://d.example/track/${token}`);
  expect(openTrackingLinks({ secret: 'one', previousSecret: null, publicUrl: null }).urlOf(ID)).toBeNull();
});

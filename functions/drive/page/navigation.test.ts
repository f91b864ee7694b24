import { expect, test } from 'vitest';
import { MAP_APPS, navigationLink } from './navigation.ts';

const links = (place: Parameters<typeof navigationLink>[1]) => MAP_APPS.map((app) => navigationLink(app, place));

test('a map app is told the coordinates', () => {
  expect(links({ lat: 52.5, lon: -13.4, address: 'Rosenstraße 2' })).toEqual([
    'geo:52.5,-13.4?q=52.5%2C-13.4',
    'https://www.google.com/maps/dir/?api=1&destination=52.5%2C-13.4',
    'https://maps.apple.com/?daddr=52.5%2C-13.4',
    'https://waze.com/ul?ll=52.5%2C-13.4&navigate=yes',
    'https://www.openstreetmap.org/directions?to=52.5%2C-13.4',
  ]);
});

test('or the address, where there are none', () => {
  expect(links({ lat: null, lon: null, address: 'Am Tor 2 & 4' })).toEqual([
    'geo:0,0?q=Am%20Tor%202%20%26%204',
    'https://www.google.com/maps/dir/?api=1&destination=Am%20Tor%202%20%26%204',
    'https://maps.apple.com/?daddr=Am%20Tor%202%20%26%204',
    'https://waze.com/ul?q=Am%20Tor%202%20%26%204&navigate=yes',
    'https://www.openstreetmap.org/search?query=Am%20Tor%202%20%26%204',
  ]);
  expect(links({ lat: null, lon: null, address: null })).toEqual(MAP_APPS.map(() => null));
});

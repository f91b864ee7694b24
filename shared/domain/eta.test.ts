import { expect, test } from 'vitest';
import { estimateS, learnRatio, STOP_S, type Trip } from './eta.ts';

const HERE = { lat: 52.52, lon: 13.4 };
const THERE = { lat: 52.53, lon: 13.4 };

test('a bicycle needs longer than a car, and an unknown vehicle something between', () => {
  const [foot, bicycle, car] = ['foot', 'bicycle', 'car'].map((vehicle) => estimateS(HERE, THERE, vehicle));
  expect(foot).toBeGreaterThan(bicycle!);
  expect(bicycle).toBeGreaterThan(car!);
  const unknown = estimateS(HERE, THERE, null);
  expect(unknown).toBeGreaterThan(car!);
  expect(unknown).toBeLessThan(bicycle!);
  expect(estimateS(HERE, HERE, 'car')).toBe(0);
});

function trips(...ratios: number[]): Trip[] {
  return ratios.map((ratio) => ({
    from: HERE,
    to: THERE,
    vehicle: 'car',
    tookS: estimateS(HERE, THERE, 'car') * ratio + STOP_S,
  }));
}

test('a shop teaches by its median trip, from five trips on, and within bounds', () => {
  expect(learnRatio(trips(2, 2, 2, 2))).toBe(1);
  expect(learnRatio(trips(1, 1.5, 1.5, 1.5, 40))).toBeCloseTo(1.5);
  expect(learnRatio(trips(1, 1, 1.2, 1.4, 2, 2))).toBeCloseTo(1.3);
  expect(learnRatio(trips(9, 9, 9, 9, 9))).toBe(3);
  expect(learnRatio(trips(0.1, 0.1, 0.1, 0.1, 0.1))).toBe(0.5);
});

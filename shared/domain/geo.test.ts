import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  cellAround,
  chordLength,
  distanceM,
  EARTH_RADIUS_M,
  geoScore,
  isValidPosition,
  MAX_LAT,
  type Position,
  positionOfScore,
  searchRingsM,
  snapToGrid,
  unitVector,
} from './geo.ts';

const position: fc.Arbitrary<Position> = fc.record({
  lat: fc.oneof(fc.double({ min: -MAX_LAT, max: MAX_LAT, noNaN: true }), fc.constantFrom(-MAX_LAT, MAX_LAT, 0)),
  lon: fc.oneof(fc.double({ min: -180, max: 180, noNaN: true }), fc.constantFrom(-180, 180, 0)),
});
const HALF_ROUND_M = Math.PI * EARTH_RADIUS_M;

describe('cellAround', () => {
  test('holds the position and its neighbours within a few metres, and not those 500 m away', () => {
    const cells = fc.property(position, (p) => {
      const { fromScore, toScore } = cellAround(p);
      const score = geoScore(p);
      expect(fromScore).toBeLessThanOrEqual(score);
      expect(toScore).toBeGreaterThanOrEqual(score);
      const away = geoScore({ lat: p.lat > 0 ? p.lat - 0.005 : p.lat + 0.005, lon: p.lon });
      expect(away < fromScore || away > toScore).toBe(true);
    });
    fc.assert(cells);
  });

  test('has the area of its corners', () => {
    const { fromScore, toScore, areaM2 } = cellAround({ lat: 52.5291, lon: 13.4013 });
    const [a, b] = [positionOfScore(fromScore), positionOfScore(toScore)];
    const height = distanceM(a, { lat: b.lat, lon: a.lon });
    const width = distanceM(a, { lat: a.lat, lon: b.lon });
    expect(areaM2 / (height * width)).toBeCloseTo(1, 2);
    expect(height).toBeGreaterThan(100);
    expect(height).toBeLessThan(200);
  });
});

describe('distanceM', () => {
  test('a degree of latitude, and of longitude at the equator, by hand', () => {
    const degreeM = HALF_ROUND_M / 180;
    expect(distanceM({ lat: 10, lon: 20 }, { lat: 11, lon: 20 })).toBeCloseTo(degreeM, 6);
    expect(distanceM({ lat: 0, lon: 20 }, { lat: 0, lon: 21 })).toBeCloseTo(degreeM, 6);
  });

  test("Palermo to Catania, from Redis's own manual", () => {
    const palermo = snapToGrid({ lat: 38.115556, lon: 13.361389 });
    const catania = snapToGrid({ lat: 37.502669, lon: 15.087269 });
    expect(distanceM(palermo, catania).toFixed(4)).toBe('166274.1516');
  });

  test('identical points are 0 apart, exactly', () => {
    const zero = fc.property(position, (p) => {
      expect(distanceM(p, { ...p })).toBe(0);
    });
    fc.assert(zero);
  });

  test('antipodes are half the circumference apart, not NaN', () => {
    const antipodes = fc.property(position, (p) => {
      const opposite = { lat: -p.lat, lon: p.lon > 0 ? p.lon - 180 : p.lon + 180 };
      expect(distanceM(p, opposite)).toBeCloseTo(HALF_ROUND_M, 0);
    });
    fc.assert(antipodes);
    // Rounding lifts the haversine of this pair above 1; one pair of near antipodes in some millions does.
    const [a, b] = [
      { lat: 58.52172746425393, lon: -119.69025778600964 },
      { lat: -58.52172748663248, lon: 60.309742227882715 },
    ];
    expect(distanceM(a, b)).toBe(HALF_ROUND_M);
  });

  test('symmetric, and between 0 and half the circumference', () => {
    const symmetric = fc.property(position, position, (a, b) => {
      expect(distanceM(a, b)).toBe(distanceM(b, a));
      expect(distanceM(a, b)).toBeGreaterThanOrEqual(0);
      expect(distanceM(a, b)).toBeLessThanOrEqual(HALF_ROUND_M);
    });
    fc.assert(symmetric);
  });

  test('no detour is shorter', () => {
    const triangle = fc.property(position, position, position, (a, b, c) => {
      // asin is steep near antipodes: rounding of 1e-16 in its argument is worth a decimetre there.
      expect(distanceM(a, c)).toBeLessThanOrEqual(distanceM(a, b) + distanceM(b, c) + 0.5);
    });
    fc.assert(triangle);
  });

  test('points on either side of the antimeridian are near', () => {
    const across = distanceM({ lat: -17, lon: 179.999 }, { lat: -17, lon: -179.999 });
    expect(across).toBeCloseTo(distanceM({ lat: -17, lon: 0.001 }, { lat: -17, lon: -0.001 }), 3);
    expect(across).toBeLessThan(250);
    expect(distanceM({ lat: 5, lon: 180 }, { lat: 5, lon: -180 })).toBeLessThan(0.001);
  });

  test('at a pole every longitude is the same place', () => {
    expect(distanceM({ lat: 90, lon: -120 }, { lat: 90, lon: 60 })).toBeLessThan(0.001);
    expect(distanceM({ lat: 90, lon: 0 }, { lat: -90, lon: 77 })).toBeCloseTo(HALF_ROUND_M, 3);
  });
});

describe('snapToGrid', () => {
  test('snapping again changes nothing, not even the last bit', () => {
    const idempotent = fc.property(position, (p) => {
      const once = snapToGrid(p);
      expect(snapToGrid(once)).toEqual(once);
    });
    fc.assert(idempotent, { numRuns: 2_000 });
  });

  test('moves a point by less than half a metre, within the valid area', () => {
    const near = fc.property(position, (p) => {
      expect(isValidPosition(snapToGrid(p))).toBe(true);
      expect(distanceM(p, snapToGrid(p))).toBeLessThan(0.5);
    });
    fc.assert(near, { numRuns: 2_000 });
  });
});

describe('isValidPosition', () => {
  test.each([
    [0, 0, true],
    [MAX_LAT, 180, true],
    [-MAX_LAT, -180, true],
    [85.0511288, 0, false],
    [-85.0511288, 0, false],
    [0, 180.0000001, false],
    [0, -180.0000001, false],
    [Number.NaN, 0, false],
    [0, Number.NaN, false],
    [0, Number.POSITIVE_INFINITY, false],
    [Number.NEGATIVE_INFINITY, 0, false],
  ])('lat %d, lon %d: %s', (lat, lon, valid) => {
    expect(isValidPosition({ lat, lon })).toBe(valid);
  });
});

describe('unitVector and chordLength', () => {
  test('the axes', () => {
    const axes = [unitVector({ lat: 0, lon: 0 }), unitVector({ lat: 0, lon: 90 }), unitVector({ lat: 90, lon: 0 })];
    const expected = [1, 0, 0, 0, 1, 0, 0, 0, 1];
    for (const [i, value] of axes.flat().entries()) expect(value).toBeCloseTo(expected[i]!, 15);
  });

  test('the straight line between two points is the chord of their distance', () => {
    const chord = fc.property(position, position, (a, b) => {
      const [v, w] = [unitVector(a), unitVector(b)];
      expect(Math.hypot(v[0] - w[0], v[1] - w[1], v[2] - w[2])).toBeCloseTo(chordLength(distanceM(a, b)), 12);
    });
    fc.assert(chord);
  });

  test('a radius beyond half the circumference covers the sphere', () => {
    expect(chordLength(HALF_ROUND_M)).toBe(2);
    expect(chordLength(3 * HALF_ROUND_M)).toBe(2);
    expect(chordLength(0)).toBe(0);
  });
});

describe('searchRingsM', () => {
  test('from 250 m, doubled, the last exactly the cap', () => {
    expect(searchRingsM(5_000)).toEqual([250, 500, 1_000, 2_000, 4_000, 5_000]);
    expect(searchRingsM(1_000)).toEqual([250, 500, 1_000]);
    expect(searchRingsM(100)).toEqual([100]);
  });

  test('each ring is wider than the one before, by no more than twice', () => {
    const growing = fc.property(fc.double({ min: 1, max: 2e7, noNaN: true }), (capM) => {
      const rings = searchRingsM(capM);
      expect(rings.at(-1)).toBe(capM);
      for (let i = 1; i < rings.length; i += 1) {
        expect(rings[i]).toBeGreaterThan(rings[i - 1]!);
        expect(rings[i]).toBeLessThanOrEqual(2 * rings[i - 1]!);
      }
    });
    fc.assert(growing);
  });
});

import { describe, expect, test } from 'vitest';
import { CrosshatchError } from '../../partitioning/error.ts';
import { checkRegion, type Region } from '../../partitioning/region.ts';

const polygon = (...vertices: [number, number][]): Region => ({ kind: 'polygon', vertices });
const cone = (ra: number, dec: number, radiusArcsec: number): Region => ({
  kind: 'cone',
  ra,
  dec,
  radiusArcsec,
});
const box = (ra: [number, number], dec: [number, number]): Region => ({ kind: 'box', ra, dec });

describe('checkRegion takes', () => {
  test.each<Region>([
    cone(-35, -55, 7200),
    cone(725, 90, 648_000),
    box([350, 10], [-90, 90]),
    box([0, 360], [5, 6]),
    box([10, 10], [5, 6]),
    polygon([0, 0], [10, 0], [5, 5]),
    // Closed as in most exchange formats, and with a vertex twice.
    polygon([0, 0], [10, 0], [10, 0], [5, 5], [0, 0]),
    polygon([5, 5], [10, 0], [0, 0]),
    // Straight on at a vertex, around a pole, around RA 0.
    polygon([0, 0], [5, 0], [10, 0], [5, 5]),
    polygon([0, 80], [90, 80], [180, 80], [270, 80]),
    polygon([-5, -5], [5, -5], [365, 5], [355, 5]),
    { kind: 'moc', ranges: ['0', '17', '99', '3458764513820540928'] },
    { kind: 'pixels', pixels: [{ order: 24, pixel: 12 * 4 ** 24 - 1 }] },
    { kind: 'orders', min: 0, max: 29 },
    { kind: 'and', regions: [cone(0, 0, 1), { kind: 'and', regions: [box([1, 2], [3, 4])] }] },
  ])('%j', (region) => {
    expect(checkRegion(region)).toBe(region);
    expect(checkRegion(JSON.parse(JSON.stringify(region)))).toEqual(region);
  });
});

describe('checkRegion refuses', () => {
  const inverted = 'polygon covers half the sky, so that its inside is undefined';
  test.each<[unknown, string]>([
    [cone(Number.NaN, 0, 1), 'cone ra NaN is not an angle in degrees'],
    [cone(Number.POSITIVE_INFINITY, 0, 1), 'cone ra Infinity is not an angle in degrees'],
    [{ ...cone(0, 0, 1), ra: '12' }, 'cone ra 12 is not an angle in degrees'],
    [cone(0, 90.0001, 1), 'cone dec 90.0001 is not between -90 and 90 degrees'],
    [cone(0, Number.NaN, 1), 'cone dec NaN is not between -90 and 90 degrees'],
    [cone(0, 0, 0), 'cone radius 0 is not above 0 and at most 648000 arcsec'],
    [cone(0, 0, -2), 'cone radius -2 is not above 0 and at most 648000 arcsec'],
    [cone(0, 0, 648_001), 'cone radius 648001 is not above 0 and at most 648000 arcsec'],
    [cone(0, 0, Number.NaN), 'cone radius NaN is not above 0 and at most 648000 arcsec'],
    [box([Number.NaN, 1], [0, 1]), 'box ra NaN is not an angle in degrees'],
    [box([0, 1], [0, 91]), 'box dec 91 is not between -90 and 90 degrees'],
    [box([0, 1], [5, 5]), 'box dec from 5 to 5 does not ascend'],
    [box([0, 1], [6, 5]), 'box dec from 6 to 5 does not ascend'],
    [{ kind: 'box', ra: [0, 1] }, 'box dec undefined is not a pair of numbers'],
    [{ kind: 'box', ra: [0, 1, 2], dec: [0, 1] }, 'box ra [0,1,2] is not a pair of numbers'],
    [polygon(), 'polygon has 0 distinct vertices and needs at least 3'],
    [polygon([1, 2]), 'polygon has 1 distinct vertex and needs at least 3'],
    [polygon([1, 2], [361, 2], [1, 2]), 'polygon has 1 distinct vertex and needs at least 3'],
    [polygon([1, 2], [3, 2], [1, 2]), 'polygon has 2 distinct vertices and needs at least 3'],
    [polygon([1, 90], [77, 90], [5, 80]), 'polygon has 2 distinct vertices and needs at least 3'],
    [polygon([1, 2], [3, 200], [4, 5]), 'polygon vertex dec 200 is not between -90 and 90 degrees'],
    [{ kind: 'polygon', vertices: [[1, 2], [3]] }, 'polygon vertex [3] is not a pair of numbers'],
    [{ kind: 'polygon' }, 'polygon has no list of vertices'],
    [
      polygon([0, 0], [180, 0], [90, 50]),
      'polygon vertices (0, 0) and (180, 0) are opposite points of the sky',
    ],
    [
      polygon([0, 0], [10, 10], [10, 0], [0, 10]),
      'polygon edges (0, 0)–(10, 10) and (10, 0)–(0, 10) cross or touch',
    ],
    [
      polygon([0, 0], [10, 0], [5, 0]),
      'polygon edges (0, 0)–(10, 0) and (10, 0)–(5, 0) cross or touch',
    ],
    [
      // A vertex on another edge.
      polygon([0, 0], [10, 0], [10, 10], [5, 0], [0, 10]),
      'polygon edges (0, 0)–(10, 0) and (10, 10)–(5, 0) cross or touch',
    ],
    [
      // The same vertex twice: a figure of eight that only touches.
      polygon([0, 0], [5, -5], [10, 0], [5, 5], [0, 0], [-5, 5], [-10, 0], [-5, -5]),
      'cross or touch',
    ],
    [polygon([0, 0], [120, 0], [240, 0]), inverted],
    [{ kind: 'moc', ranges: ['1', 'x'] }, 'coverage bound "x" is not a decimal whole number'],
    [{ kind: 'moc', ranges: ['5', '2'] }, 'coverage range [5, 2) is not a range of the order-29'],
    [{ kind: 'moc' }, 'MOC region has no list of ranges'],
    [{ kind: 'pixels', pixels: [] }, 'a pixel search needs at least one pixel'],
    [
      { kind: 'pixels', pixels: [{ order: 1, pixel: 48 }] },
      'pixel 48 does not exist at HEALPix order 1',
    ],
    [{ kind: 'orders', min: 3, max: 2 }, 'lowest order 3 is above the highest, 2'],
    [{ kind: 'orders', min: 0, max: 30 }, 'HEALPix order 30 is not an integer from 0 to 29'],
    [{ kind: 'and', regions: [] }, 'a combination of regions needs at least one region'],
    [{ kind: 'and', regions: [cone(0, 0, 0)] }, 'cone radius 0 is not above 0'],
    [{ kind: 'circle' }, 'region kind "circle" does not exist'],
    [{}, 'region kind undefined does not exist'],
  ])('%j: %s', (region, message) => {
    let thrown: unknown;
    try {
      checkRegion(region as Region);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(CrosshatchError);
    expect((thrown as CrosshatchError).message).toContain(message);
  });
});

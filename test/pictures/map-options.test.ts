/** What cannot be drawn is refused in words that are pinned, before anything is read or written. */
import { existsSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { DrawableMap } from '../../pictures/drawable-map.ts';
import type { AnyViewOptions } from '../../pictures/map-options.ts';
import { pictureFolder, refusalOf } from './picture-fixture.ts';

const { inDir, remove } = pictureFolder();
afterAll(remove);

/** A map whose values must not be looked at. */
const map = new DrawableMap({
  order: 3,
  get pixels(): Float64Array {
    return undefined as unknown as Float64Array;
  },
  values: undefined as unknown as Float64Array,
});

async function refused(options: object, name = 'map.png'): Promise<string> {
  const message = await refusalOf(() => map.mollview(inDir(name), options as AnyViewOptions));
  expect(existsSync(inDir(name))).toBe(false);
  return message.replace(inDir(name), 'FILE');
}

describe('options', () => {
  test.each<[object, string]>([
    [{ coord: 'X' }, 'coord X is not C, G or E'],
    [{ coord: 'c' }, 'coord c is not C, G or E'],
    [{ scale: 'sqrt' }, 'scale sqrt is not linear, log or histeq'],
    [{ flip: 'left' }, 'flip left is not astro or geo'],
    [{ background: 'black' }, 'background black is not white or transparent'],
    [{ min: 5, max: 5 }, 'min 5 is not below max 5'],
    [{ min: 5, max: 1 }, 'min 5 is not below max 1'],
    [{ min: Number.NaN }, 'min NaN is not a number'],
    [{ max: Number.POSITIVE_INFINITY }, 'max Infinity is not a number'],
    [{ scale: 'log', min: 0 }, 'min 0 has no place on a log scale\nGive one above 0.'],
    [{ scale: 'log', max: -1 }, 'max -1 has no place on a log scale\nGive one above 0.'],
    [{ widthPixels: 99 }, 'widthPixels 99 is not a whole number from 100 to 8000'],
    [{ widthPixels: 800.5 }, 'widthPixels 800.5 is not a whole number from 100 to 8000'],
    [
      { center: [0, 91] },
      'center [0, 91] is not a longitude and a latitude from -90 to 90, in degrees',
    ],
    [
      { center: [Number.NaN, 0] },
      'center [NaN, 0] is not a longitude and a latitude from -90 to 90, in degrees',
    ],
  ])('%j', async (options, message) => {
    expect(await refused(options)).toBe(message);
  });

  test('an unknown palette', async () => {
    expect(await refused({ palette: 'jet' })).toMatch(
      /^there is no palette jet\nThere are blues, /,
    );
  });

  test.each([
    ['map.pdf', 'a picture is a .png or .svg file, not .pdf (FILE)'],
    ['map', 'a picture is a .png or .svg file, not one without an ending (FILE)'],
  ])('%s', async (name, message) => {
    expect(await refused({}, name)).toBe(message);
  });
});

describe('options of some views', () => {
  const gnomview = (options: object) =>
    refusalOf(() => map.gnomview(inDir('map.png'), { center: [1, 2], ...options }));
  const cartview = (options: object) => refusalOf(() => map.cartview(inDir('map.png'), options));

  test('a gnomonic view needs a place and a size', async () => {
    expect(await gnomview({ center: undefined })).toBe(
      'a gnomonic view needs a center\nGive a longitude and a latitude in degrees, such as 83.6, -5.4.',
    );
    const hint = '\nA wider part of the sky fits into orthview or mollview.';
    for (const sizeDegrees of [0, -1, 151, Number.NaN]) {
      const message = `sizeDegrees ${sizeDegrees} is not above 0 and up to 150${hint}`;
      expect(await gnomview({ sizeDegrees })).toBe(message);
    }
  });

  test('ranges ascend from the center', async () => {
    const hint = '\nRanges are counted from the center, in degrees.';
    expect(await cartview({ longitudeRange: [10, -10] })).toBe(
      `longitudeRange [10, -10] does not ascend between -180 and 180${hint}`,
    );
    expect(await cartview({ latitudeRange: [-95, 0] })).toBe(
      `latitudeRange [-95, 0] does not ascend between -90 and 90${hint}`,
    );
  });
});

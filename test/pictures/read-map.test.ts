import { afterAll, expect, test } from 'vitest';
import { UNSEEN, writeHealpixMap } from '../../catalogs/sky-map-file.ts';
import { DrawableMap } from '../../pictures/drawable-map.ts';
import { readMapFile } from '../../pictures/read-map.ts';
import { pictureFolder, wholeMap } from './picture-fixture.ts';

const { inDir, remove } = pictureFolder();
afterAll(remove);

const dataOf = ({ order, pixels, values, name, unit, frame }: DrawableMap) => ({
  ...{ order, frame, name, unit },
  held: Array.from(pixels, (pixel, i) => [pixel, values[i]]),
});

test('pixels without a value are left out', async () => {
  const values = Float32Array.of(1, UNSEEN, Number.NaN, 0, -5, 6, 7, 8, 9, 10, 11, 12);
  await writeHealpixMap(inDir('m.fits'), { order: 0, values, name: 'T', unit: 'K', frame: 'G' });
  const map = await readMapFile(inDir('m.fits'));
  expect(dataOf(map)).toMatchObject({ order: 0, frame: 'G', name: 'T', unit: 'K' });
  expect(dataOf(map).held).toEqual(
    [...values.entries()].filter(([pixel]) => pixel !== 1 && pixel !== 2),
  );
});

test('whole numbers and several columns are read as doubles', async () => {
  const pixels = Float64Array.of(3, 47);
  const columns = [
    { name: 'n', values: BigInt64Array.of(2n ** 40n, 0n) },
    { name: 'm', values: Int32Array.of(-1, 5) },
  ];
  await writeHealpixMap(inDir('two.fits'), { order: 1, pixels, columns });
  expect(dataOf(await readMapFile(inDir('two.fits'))).held).toEqual([
    [3, 2 ** 40],
    [47, 0],
  ]);
  const second = dataOf(await readMapFile(inDir('two.fits'), { column: 'm' }));
  expect([second.name, second.held]).toEqual([
    'm',
    [
      [3, -1],
      [47, 5],
    ],
  ]);
});

test.each([
  ['the whole sky', 3],
  ['only the pixels that are held', 11],
])('what is written, %s, is what is read', async (_, order) => {
  const whole = wholeMap(3, (pixel) => pixel / 7);
  const places = whole.pixels.filter((pixel) => pixel % 3 === 1);
  const values = places.map((pixel) => whole.values[pixel]!);
  const map = new DrawableMap({ order, pixels: places, values, name: 'mean_mag', unit: 'mag' });
  await map.writeFits(inDir('trip.fits'));
  expect(dataOf(await readMapFile(inDir('trip.fits')))).toEqual(dataOf(map));
});

test('a file without a map is refused', async () => {
  await expect(readMapFile(inDir('nothing.fits'))).rejects.toThrow('no such file');
});

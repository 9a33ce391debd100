/**
 * Maps for the checks in Python: `fits-driver.ts FOLDER` writes one for each type of value, of the whole sky and of a
 * part of it, and one with several columns; what they hold follows from the pixel number.
 */
import path from 'node:path';
import { UNSEEN, writeHealpixMap } from '../../catalogs/sky-map-file.ts';

const [folder = '.'] = process.argv.slice(2);
const ORDER = 4;
const all = Float64Array.from({ length: 12 * 4 ** ORDER }, (_, i) => i);
const some = all.filter((pixel) => pixel % 5 === 2);

/** Every seventh pixel has no value. */
const double = (pixel: number) => (pixel % 7 === 0 ? UNSEEN : Math.sqrt(pixel) - 20);
const columnsOf = (pixels: Float64Array) => [
  { name: 'D', unit: 'mag', values: pixels.map(double) },
  { name: 'E', unit: 'deg⁻²', values: Float32Array.from(pixels, double) },
  { name: 'J', values: Int32Array.from(pixels, (pixel) => pixel - 1000) },
  { name: 'K', values: BigInt64Array.from(pixels, (pixel) => 2n ** 60n + BigInt(pixel)) },
];

for (const [part, pixels] of [
  ['whole', undefined],
  ['part', some],
] as const) {
  const columns = columnsOf(pixels ?? all);
  const comments = ['Made for a check, from pixel numbers alone.'];
  for (const column of columns) {
    const file = path.join(folder, `${part}-${column.name}.fits`);
    await writeHealpixMap(file, { order: ORDER, pixels, ...column, comments });
  }
  await writeHealpixMap(path.join(folder, `${part}-all.fits`), {
    ...{ order: ORDER, pixels, columns, frame: 'G', comments },
  });
}

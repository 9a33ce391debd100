/** Maps we write: their cards pinned, their values read back. healpy, cdshealpix and hats read them too. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMapTable } from '../../catalogs/map-table.ts';
import { readSkyMap, UNSEEN, writeCountMap, writeHealpixMap } from '../../catalogs/sky-map-file.ts';
import { cardsOf } from './fits-fixture.ts';
import { temporaryFolder } from './leaf-fixture.ts';

let dir: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterAll(() => remove());

const inDir = (...parts: string[]) => path.join(dir, ...parts);

describe('count maps', () => {
  const pixels = Float64Array.of(3, 10, 44, 191);
  const counts = Float64Array.of(1, 2 ** 40 + 5, 0, 7);

  test('are written in the form that every reader of HATS takes', async () => {
    const file = inDir('count.fits');
    await writeCountMap(file, { order: 2, pixels, counts });
    expect(await cardsOf(file)).toEqual([
      "XTENSION= 'BINTABLE'",
      'BITPIX  =                    8',
      'NAXIS   =                    2',
      'NAXIS1  =                    8',
      'NAXIS2  =                  192',
      'PCOUNT  =                    0',
      'GCOUNT  =                    1',
      'TFIELDS =                    1',
      "TTYPE1  = 'VALUE   '",
      "TFORM1  = 'K       '",
      "PIXTYPE = 'HEALPIX '",
      "ORDERING= 'NESTED  '",
      "COORDSYS= 'CEL     '",
      "EXTNAME = 'xtension'",
      'NSIDE   =                    4',
      'FIRSTPIX=                    0',
      'LASTPIX =                  191',
      "INDXSCHM= 'IMPLICIT'",
      "OBJECT  = 'FULLSKY '",
      "CREATOR = 'Crosshatch'",
    ]);
    const bytes = await readFile(file);
    expect(bytes.length).toBe(3 * 2880);
    expect(bytes.subarray(0, 400).toString('latin1')).toBe(
      [
        'SIMPLE  =                    T',
        'BITPIX  =                    8',
        'NAXIS   =                    0',
        'EXTEND  =                    T',
        'END',
      ]
        .map((card) => card.padEnd(80))
        .join(''),
    );
    expect(bytes.readBigInt64BE(2 * 2880 + 8 * 10)).toBe(2n ** 40n + 5n);
  });

  test('are the same bytes each time, and for bigint counts', async () => {
    const [a, b] = [inDir('a.fits'), inDir('b.fits')];
    await writeCountMap(a, { order: 2, pixels, counts });
    await writeCountMap(b, {
      order: 2,
      pixels: Int32Array.from(pixels),
      counts: BigInt64Array.from(counts, BigInt),
    });
    expect((await readFile(a)).equals(await readFile(b))).toBe(true);
  });

  test('list their pixels where asked to', async () => {
    const file = inDir('explicit.fits');
    await writeCountMap(file, { order: 2, pixels, counts, explicit: true });
    const cards = await cardsOf(file);
    expect(cards).toContain("INDXSCHM= 'EXPLICIT'");
    expect(cards).toContain('OBS_NPIX=                    4');
    expect(cards.slice(8, 12)).toEqual([
      "TTYPE1  = 'PIXEL   '",
      "TFORM1  = 'K       '",
      "TTYPE2  = 'VALUE   '",
      "TFORM2  = 'K       '",
    ]);
    expect(await readSkyMap(file)).toEqual({
      order: 2,
      ordering: 'NESTED',
      kind: 'explicit',
      pixels,
      values: BigInt64Array.from(counts, BigInt),
    });
  });

  test('are read back as written, across the pieces they are written in', async () => {
    // Order 7 has three pieces of 65,536 cells.
    const cells = 12 * 4 ** 7;
    const pixel = fc.integer({ min: 0, max: cells - 1 });
    const entries = fc.uniqueArray(fc.tuple(pixel, fc.maxSafeNat()), {
      selector: ([number]) => number,
      maxLength: 50,
    });
    const edges: [number, number][][] = [
      [],
      [0, 65_535, 65_536, 131_072, cells - 1].map((number) => [number, number + 1]),
    ];
    await fc.assert(
      fc.asyncProperty(entries, fc.boolean(), async (list, explicit) => {
        const sorted = [...list].sort(([a], [b]) => a - b);
        const file = inDir('trip.fits');
        const map = {
          order: 7,
          pixels: Float64Array.from(sorted, ([number]) => number),
          counts: Float64Array.from(sorted, ([, count]) => count),
        };
        await writeCountMap(file, { ...map, explicit });
        const read = await readSkyMap(file);
        expect([read.order, read.values.length]).toEqual([7, explicit ? sorted.length : cells]);
        let sum = 0n;
        for (const value of read.values) sum += BigInt(value);
        expect(sum).toBe(sorted.reduce((total, [, count]) => total + BigInt(count), 0n));
        sorted.forEach(([number, count], i) => {
          expect(Number(read.values[explicit ? i : number])).toBe(count);
        });
      }),
      {
        numRuns: 20,
        examples: edges
          .flatMap(
            (list) =>
              [
                [list, false],
                [list, true],
              ] as const,
          )
          .map(([l, e]) => [l, e]),
      },
    );
  });

  test.each<[Parameters<typeof writeCountMap>[1], string]>([
    [{ order: 2, pixels, counts: counts.slice(1) }, 'the map has 4 pixels and 3 values'],
    [{ order: 1, pixels, counts }, 'pixel 191 does not exist at order 1'],
    [
      { order: 2, pixels: Float64Array.of(3, 3), counts: Float64Array.of(1, 1) },
      'pixel 3 follows pixel 3: they must ascend',
    ],
    [
      { order: 2, pixels: Float64Array.of(3), counts: Float64Array.of(1.5) },
      'a count map cannot hold the count 1.5',
    ],
    [
      { order: 2, pixels: Float64Array.of(3), counts: Float64Array.of(-1) },
      'a count map cannot hold the count -1',
    ],
    [{ order: 14, pixels, counts }, 'a map of order 14 cannot be written'],
  ])('%o is refused', async (map, message) => {
    await expect(writeCountMap(inDir('bad.fits'), map)).rejects.toThrow(message);
  });
});

describe('maps for healpy', () => {
  const order = 1;
  const values = Float64Array.from({ length: 48 }, (_, i) => i / 7);
  values[5] = Number.NaN;

  test.each([
    ['doubles', values, 'D'],
    ['floats', Float32Array.from(values), 'E'],
    ['integers', Int32Array.from(values, (v) => v || -1), 'J'],
    ['long integers', BigInt64Array.from(values, (_, i) => 2n ** 60n + BigInt(i)), 'K'],
  ])('of %s keep their type', async (_, typed, form) => {
    const file = inDir('map.fits');
    await writeHealpixMap(file, { order, values: typed, name: 'mean_mag', unit: 'mag' });
    const cards = await cardsOf(file);
    expect(cards.slice(8, 11)).toEqual([
      "TTYPE1  = 'mean_mag'",
      `TFORM1  = '${form}       '`,
      "TUNIT1  = 'mag     '",
    ]);
    expect(cards).toContain("COORDSYS= 'C       '");
    expect(await readSkyMap(file)).toEqual({
      order,
      ordering: 'NESTED',
      kind: 'implicit',
      values: typed,
    });
  });

  test('may cover part of the sky', async () => {
    const file = inDir('part.fits');
    const pixels = Float64Array.of(4, 12 * 4 ** 20 - 1);
    await writeHealpixMap(file, { order: 20, pixels, values: Float32Array.of(1.5, -2) });
    expect(await cardsOf(file)).toEqual(
      expect.arrayContaining(["OBJECT  = 'PARTIAL '", "INDXSCHM= 'EXPLICIT'"]),
    );
    const read = await readSkyMap(file);
    expect([read.order, read.pixels, read.values]).toEqual([20, pixels, Float32Array.of(1.5, -2)]);
  });

  test('carry comments, in lines that fit and letters that FITS has', async () => {
    const file = inDir('comment.fits');
    const comments = ["it's Größe", 'x'.repeat(100)];
    await writeHealpixMap(file, { order, values, comments, name: "o'clock (mean)" });
    const cards = await cardsOf(file);
    expect(cards.slice(-3)).toEqual([
      "COMMENT it's Gr??e",
      `COMMENT ${'x'.repeat(72)}`,
      `COMMENT ${'x'.repeat(28)}`,
    ]);
    expect(cards[8]).toBe("TTYPE1  = 'o_clock_mean'");
    expect((await readSkyMap(file, { column: "O'CLOCK (MEAN)" })).values).toEqual(values);
  });

  test('may hold several values for each pixel, of several types', async () => {
    const file = inDir('several.fits');
    const pixels = Float64Array.of(0, 7, 47);
    const columns = [
      { name: 'n', values: BigInt64Array.of(1n, 2n ** 60n, -5n), unit: 'deg⁻²' },
      { name: 'mean(mag)', values: Float32Array.of(1.5, UNSEEN, Number.NaN), unit: 'mag' },
      { name: 'spread', values: Float64Array.of(0.1, 0.2, 0.3) },
    ];
    await writeHealpixMap(file, { order: 1, pixels, columns, frame: 'G' });
    expect((await cardsOf(file)).slice(3)).toEqual([
      'NAXIS1  =                   28',
      'NAXIS2  =                    3',
      'PCOUNT  =                    0',
      'GCOUNT  =                    1',
      'TFIELDS =                    4',
      "TTYPE1  = 'PIXEL   '",
      "TFORM1  = 'K       '",
      "TTYPE2  = 'n       '",
      "TFORM2  = 'K       '",
      "TUNIT2  = 'deg-2   '",
      "TTYPE3  = 'mean_mag'",
      "TFORM3  = 'E       '",
      "TUNIT3  = 'mag     '",
      "TTYPE4  = 'spread  '",
      "TFORM4  = 'D       '",
      "PIXTYPE = 'HEALPIX '",
      "ORDERING= 'NESTED  '",
      "COORDSYS= 'G       '",
      "EXTNAME = 'xtension'",
      'NSIDE   =                    2',
      'OBS_NPIX=                    3',
      "INDXSCHM= 'EXPLICIT'",
      "OBJECT  = 'PARTIAL '",
      'BAD_DATA=          -1.6375E+30',
      "CREATOR = 'Crosshatch'",
    ]);
    const read = await readMapTable(file);
    expect([read.order, read.frame, read.pixels]).toEqual([1, 'G', pixels]);
    expect(read.columns.map(({ values }) => values)).toEqual(columns.map(({ values }) => values));
    const one = await readMapTable(file, { column: 'mean(mag)' });
    expect(one.columns).toEqual([{ name: 'mean_mag', unit: 'mag', values: columns[1]!.values }]);
  });

  test('need a value for each pixel', async () => {
    await expect(writeHealpixMap(inDir('bad.fits'), { order: 0, values })).rejects.toThrow(
      'a map of order 0 has 12 values, not 48',
    );
  });
});

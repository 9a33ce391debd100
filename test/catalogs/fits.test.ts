/** Maps that other programs write. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFits, readUnits } from '../../catalogs/fits.ts';
import { type Card, headerBytes, primaryHeader } from '../../catalogs/fits-write.ts';
import { readMapTable } from '../../catalogs/map-table.ts';
import { readSkyMap } from '../../catalogs/sky-map-file.ts';
import { nestedToRing, nestedToRingPixel } from '../../partitioning/ring.ts';
import { PLACE, table, tableFile } from './fits-fixture.ts';
import { temporaryFolder } from './leaf-fixture.ts';

let dir: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterAll(() => remove());

const inDir = (...parts: string[]) => path.join(dir, ...parts);

describe('maps of other writers', () => {
  const twelve = Buffer.from(Float32Array.from({ length: 12 }, (_, i) => i + 0.5).buffer).swap32();
  const expected = Float32Array.from({ length: 12 }, (_, i) => i + 0.5);

  test('packed several values to a row', async () => {
    const read = await readSkyMap(tableFile(table(3, 16, ['4E']), twelve));
    expect([read.kind, read.values]).toEqual(['implicit', expected]);
  });

  test('packed 1024 to a row, gzipped, as a file', async () => {
    const values = Float32Array.from({ length: 12_288 }, (_, i) => Math.sin(i));
    const place: Card[] = [...PLACE.slice(0, 2), ['NSIDE', 32]];
    const data = Buffer.from(values.slice().buffer).swap32();
    const bytes = tableFile(table(12, 4096, ['1024E'], place), data);
    await writeFile(inDir('packed.fits.gz'), gzipSync(bytes));
    expect((await readSkyMap(inDir('packed.fits.gz'))).values).toEqual(values);
    await writeFile(inDir('packed.fits'), bytes);
    expect((await readSkyMap(inDir('packed.fits'))).values).toEqual(values);
  });

  test('with ORDER in place of NSIDE, lower case, no scheme and comments in the cards', async () => {
    const cards = table(
      12,
      4,
      ['E'],
      [
        ['PIXTYPE', 'healpix'],
        ['ORDERING', 'nest'],
        ['ORDER', 0],
      ],
    );
    const bytes = Buffer.from(tableFile(cards, twelve));
    const at = bytes.indexOf('ORDER   =');
    bytes.write(' / of the map', at + 30, 'latin1');
    expect((await readSkyMap(bytes)).values).toEqual(expected);
  });

  test('with several columns', async () => {
    const rows = Buffer.alloc(12 * 6);
    for (let i = 0; i < 12; i += 1) {
      rows.writeInt16BE(-i, i * 6);
      rows.writeInt32BE(i * 1000, i * 6 + 2);
    }
    const cards = table(12, 6, ['1I', '1J'], [...PLACE, ['TTYPE1', 'n'], ['TTYPE2', 'm']]);
    expect((await readSkyMap(tableFile(cards, rows))).values[11]).toBe(-11);
    const second = await readSkyMap(tableFile(cards, rows), { column: 'M' });
    expect(second.values).toEqual(Int32Array.from({ length: 12 }, (_, i) => i * 1000));
    await expect(readSkyMap(tableFile(cards, rows), { column: 'k' })).rejects.toMatchObject({
      tag: 'data',
      what: 'the map has no value column k',
      hint: 'it has n, m',
    });
  });

  test('with unsigned and scaled integers', async () => {
    const data = Buffer.alloc(24);
    for (let i = 0; i < 12; i += 1) data.writeInt16BE(i - 32_768, i * 2);
    const cards = table(12, 2, ['I'], [...PLACE, ['TZERO1', 32_768], ['TSCAL1', 1]]);
    expect((await readSkyMap(tableFile(cards, data))).values).toEqual(
      Float64Array.from({ length: 12 }, (_, i) => i),
    );
  });

  test('with pixels in any order, numbered in 32 bits', async () => {
    const data = Buffer.alloc(3 * 12);
    for (const [i, pixel] of [9, 2, 5].entries()) {
      data.writeInt32BE(pixel, i * 12);
      data.writeDoubleBE(pixel / 4, i * 12 + 4);
    }
    const cards = table(3, 12, ['J', 'D'], [...PLACE, ['TTYPE1', 'PIXEL']]);
    const read = await readSkyMap(tableFile(cards, data));
    expect([read.pixels, read.values]).toEqual([
      Float64Array.of(2, 5, 9),
      Float64Array.of(0.5, 1.25, 2.25),
    ]);
    data.writeInt32BE(2, 0);
    await expect(readSkyMap(tableFile(cards, data))).rejects.toThrow('pixel 2 is in the map twice');
    data.writeInt32BE(12, 0);
    await expect(readSkyMap(tableFile(cards, data))).rejects.toThrow(
      'pixel 12 of the map does not exist at order 0',
    );
  });

  const RING: Card[] = [
    ['PIXTYPE', 'HEALPIX'],
    ['ORDERING', 'RING'],
    ['NSIDE', 2],
  ];

  test('in RING order, all pixels', async () => {
    const numbers = Int32Array.from({ length: 48 }, (_, i) => i);
    const data = Buffer.from(numbers.slice().buffer).swap32();
    const read = await readSkyMap(tableFile(table(48, 4, ['J'], RING), data));
    // The value of each NESTED pixel is its RING number.
    expect(read.values).toEqual(nestedToRing(1, numbers));
  });

  test.each([1, 20])('in RING order, some pixels, at order %i', async (order) => {
    const nested = [3, 7, 12 * 4 ** order - 1];
    const data = Buffer.alloc(3 * 16);
    for (const [i, pixel] of nested.entries()) {
      data.writeBigInt64BE(nestedToRingPixel(order, BigInt(pixel)), i * 16);
      data.writeDoubleBE(pixel, i * 16 + 8);
    }
    const place: Card[] = [...RING.slice(0, 2), ['NSIDE', 2 ** order], ['INDXSCHM', 'EXPLICIT']];
    const read = await readSkyMap(tableFile(table(3, 16, ['K', 'D'], place), data));
    expect([read.pixels, read.values]).toEqual([
      Float64Array.from(nested),
      Float64Array.from(nested),
    ]);
  });

  test('in other frames, all columns with their units', async () => {
    const place: Card[] = [
      ...PLACE,
      ['COORDSYS', 'Galactic'],
      ['TTYPE1', 'T'],
      ['TUNIT1', 'K_CMB'],
      ['TTYPE2', 'HITS'],
    ];
    const data = Buffer.alloc(12 * 6, 1);
    const { frame, order, columns } = await readMapTable(
      tableFile(table(12, 6, ['E', 'I'], place), data),
    );
    expect([frame, order]).toEqual(['G', 0]);
    expect(columns.map(({ name, unit }) => [name, unit])).toEqual([
      ['T', 'K_CMB'],
      ['HITS', undefined],
    ]);
    expect(columns[1]!.values).toEqual(new Int16Array(12).fill(257));
  });

  test.each<[what: string, rest: Card[], message: string]>([
    [
      'an order of another name',
      [
        ['PIXTYPE', 'HEALPIX'],
        ['ORDERING', 'PEANO'],
        ['NSIDE', 1],
      ],
      "the map's pixel order is PEANO, neither NESTED nor RING",
    ],
    [
      'no order',
      [
        ['PIXTYPE', 'HEALPIX'],
        ['NSIDE', 1],
      ],
      "the map's pixel order is missing",
    ],
    [
      'galactic coordinates',
      [...PLACE, ['COORDSYS', 'G']],
      'the map is in galactic coordinates, not in equatorial ones',
    ],
    [
      'ecliptic coordinates',
      [...PLACE, ['COORDSYS', 'ECL']],
      'the map is in ecliptic coordinates, not in equatorial ones',
    ],
    [
      'an NSIDE that is no power of two',
      [...PLACE.slice(0, 2), ['NSIDE', 3]],
      'NSIDE 3, ORDER missing',
    ],
    [
      'no NSIDE',
      PLACE.slice(0, 2),
      'the map has no order from 0 to 24: NSIDE missing, ORDER missing',
    ],
    [
      'a frame of another name',
      [...PLACE, ['COORDSYS', 'S']],
      'the map is in the unknown coordinate system S',
    ],
    ['NSIDE and ORDER that differ', [...PLACE, ['ORDER', 1]], 'NSIDE 1, ORDER 1'],
    [
      'another resolution',
      [...PLACE.slice(0, 2), ['NSIDE', 2]],
      'this one has 12 values for pixels 0 to 47',
    ],
    ['a part of the sky', [...PLACE, ['FIRSTPIX', 4]], '12 values for pixels 4 to 11'],
    ['no map', [['EXTNAME', 'x']], 'the file has no HEALPix map'],
  ])('%s is refused', async (_, rest, message) => {
    await expect(readSkyMap(tableFile(table(12, 4, ['E'], rest), twelve))).rejects.toMatchObject({
      tag: 'data',
      message: expect.stringContaining(message),
    });
  });

  test('forms that are no numbers, or rows of another length, are refused', async () => {
    const text = tableFile(table(12, 4, ['4A'], [...PLACE, ['TTYPE1', 'name']]), twelve);
    await expect(readSkyMap(text)).rejects.toThrow(
      'the column name of the FITS table is not made of numbers (form A)',
    );
    const odd = tableFile(table(12, 4, ['D']), twelve);
    await expect(readSkyMap(odd)).rejects.toThrow(
      'rows of the FITS table have 4 bytes, its columns 8',
    );
    const unknown = tableFile(table(12, 4, ['4Y']), twelve);
    await expect(readSkyMap(unknown)).rejects.toThrow(
      "column 1 of the FITS table has the unknown form '4Y'",
    );
  });

  test('files that are cut, or something else, are refused', async () => {
    const whole = tableFile(table(12, 4, ['E']), twelve);
    await expect(readSkyMap(whole.subarray(0, 2 * 2880 + 20))).rejects.toThrow(
      'the FITS file should have 5808 bytes and has 5780 (FITS bytes)',
    );
    await expect(readSkyMap(whole.subarray(0, 2880 + 400))).rejects.toThrow(
      'a FITS header has no end',
    );
    await expect(readSkyMap(Buffer.from('PNG'.padEnd(3000)))).rejects.toThrow('not a FITS file');
    await expect(readSkyMap(new Uint8Array(0))).rejects.toThrow('the file has no HEALPix map');
    await expect(readSkyMap(gzipSync(whole).subarray(0, 100))).rejects.toThrow(
      'gzipped file is damaged',
    );
    await expect(readSkyMap(inDir('none.fits'))).rejects.toMatchObject({ tag: 'storage' });
  });

  test('images and blocks behind the last unit are passed over', async () => {
    const image = headerBytes([
      ['XTENSION', 'IMAGE'],
      ['BITPIX', -32],
      ['NAXIS', 2],
      ['NAXIS1', 30],
      ['NAXIS2', 30],
      ['PCOUNT', 0],
      ['GCOUNT', 1],
    ]);
    const bytes = Buffer.concat([
      primaryHeader(),
      image,
      new Uint8Array(2 * 2880),
      tableFile(table(12, 4, ['E']), twelve).subarray(2880),
      new Uint8Array(2880),
    ]);
    expect((await readSkyMap(bytes)).values).toEqual(expected);
    const units = await readUnits(await openFits(bytes));
    expect(units.map((unit) => unit.dataEnd - unit.dataStart)).toEqual([0, 3600, 48]);
  });
});

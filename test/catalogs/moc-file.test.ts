import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Card } from '../../catalogs/fits-write.ts';
import { readMocFile } from '../../catalogs/moc-file.ts';
import { table, tableFile } from './fits-fixture.ts';
import { temporaryFolder } from './leaf-fixture.ts';

let dir: string;
let remove: () => Promise<void>;
beforeAll(async () => {
  ({ dir, remove } = await temporaryFolder());
});
afterAll(() => remove());

/** 3/1-3 4/64 70 29/123456789 as ranges of order 29; checked with mocpy 0.21. */
const RANGES = [
  123456789n,
  123456790n,
  4503599627370496n,
  18014398509481984n,
  72057594037927936n,
  73183493944770560n,
  78812993478983680n,
  79938893385826304n,
];

/** The same cells as NUNIQ numbers, 4 · 4^order + pixel, in no order. */
const UNIQ = [4n * 4n ** 29n + 123456789n, 257n, 258n, 259n, 4n * 4n ** 4n + 70n, 1088n];

async function fits(cards: Card[], values: readonly bigint[], form = '1K'): Promise<string> {
  const bytesPer = form === '1K' ? 8 : 4;
  const data = Buffer.alloc(values.length * bytesPer);
  for (const [i, value] of values.entries()) {
    if (bytesPer === 8) data.writeBigInt64BE(value, i * 8);
    else data.writeInt32BE(Number(value), i * 4);
  }
  return file('moc.fits', tableFile(table(values.length, bytesPer, [form], cards), data));
}

async function file(name: string, content: string | Uint8Array): Promise<string> {
  const target = path.join(dir, name);
  await writeFile(target, content);
  return target;
}

const ranges = async (location: string) => [...(await readMocFile(location)).ranges];

describe('coverages', () => {
  test('as ranges in FITS', async () => {
    const cards: Card[] = [
      ['MOCVERS', '2.0'],
      ['MOCDIM', 'SPACE'],
      ['ORDERING', 'RANGE'],
      ['COORDSYS', 'C'],
      ['MOCORD_S', 29],
    ];
    expect(await ranges(await fits(cards, RANGES))).toEqual(RANGES);
    expect(await ranges(await fits(cards, []))).toEqual([]);
  });

  test('as cells in FITS, long or short', async () => {
    const cards: Card[] = [
      ['ORDERING', 'NUNIQ'],
      ['COORDSYS', 'C'],
      ['MOCORDER', 29],
    ];
    expect(await ranges(await fits(cards, UNIQ))).toEqual(RANGES);
    const short = UNIQ.slice(1);
    expect(await ranges(await fits(cards, short, '1J'))).toEqual(RANGES.slice(2));
  });

  test('of the whole sky: the first and the last cell of each order', async () => {
    const cards: Card[] = [['ORDERING', 'NUNIQ']];
    for (let order = 0n; order <= 29n; order += 1n) {
      const base = 4n * 4n ** order;
      const end = 12n << 58n;
      const size = 1n << (2n * (29n - order));
      expect(await ranges(await fits(cards, [base, base + 12n * 4n ** order - 1n]))).toEqual([
        0n,
        size,
        end - size,
        end,
      ]);
    }
  });

  test('as JSON, with blanks in front', async () => {
    const text = '\n  {"3": [1, 2, 3], "4": [64, 70], "29": [123456789]}\n';
    expect(await ranges(await file('moc.json', text))).toEqual(RANGES);
  });

  test.each<[what: string, cards: Card[], values: bigint[], form: string, message: string]>([
    [
      'time',
      [
        ['ORDERING', 'RANGE'],
        ['MOCDIM', 'TIME'],
      ],
      [0n, 1n],
      '1K',
      'the coverage is one of TIME, not of the sky',
    ],
    [
      'another frame',
      [
        ['ORDERING', 'RANGE'],
        ['COORDSYS', 'G'],
      ],
      [0n, 1n],
      '1K',
      'the coverage is in the frame G',
    ],
    ['no coverage', [['ORDERING', 'NESTED']], [0n], '1K', 'the file has no coverage (MOC)'],
    [
      'short ranges',
      [['ORDERING', 'RANGE']],
      [0n, 1n],
      '1J',
      'a coverage of form J is not one of 64-bit integers',
    ],
    ['half a range', [['ORDERING', 'RANGE']], [0n], '1K', 'an odd number'],
    [
      'a reversed range',
      [['ORDERING', 'RANGE']],
      [5n, 1n],
      '1K',
      'coverage range [5, 1) is not a range',
    ],
    [
      'cells below order 0',
      [['ORDERING', 'NUNIQ']],
      [3n],
      '1K',
      '3 is not the number of a MOC cell',
    ],
    ['negative cells', [['ORDERING', 'NUNIQ']], [-7n], '1K', '-7 is not the number of a MOC cell'],
  ])('%s is refused', async (_, cards, values, form, message) => {
    await expect(readMocFile(await fits(cards, values, form))).rejects.toMatchObject({
      tag: 'data',
      message: expect.stringContaining(message),
    });
  });

  test('what is neither form is refused', async () => {
    await expect(readMocFile(await file('a.txt', '3/1-3 4/64'))).rejects.toThrow(
      'the coverage is neither FITS nor JSON',
    );
    await expect(readMocFile(await file('a.json', '{"3": [1,'))).rejects.toThrow(
      'the coverage is not valid JSON',
    );
    await expect(readMocFile(await file('b.json', '{"3": [5000]}'))).rejects.toThrow(
      'MOC pixel 5000 does not exist at order 3',
    );
    await expect(readMocFile(path.join(dir, 'none'))).rejects.toMatchObject({ tag: 'storage' });
  });
});

/** FITS files in place: headers, sections and columns cost the bytes they are, wherever the file is. */
import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openFits, readUnits } from '../../catalogs/fits.ts';
import { isImage, readImageSection } from '../../catalogs/fits-image.ts';
import { binaryTable, readTableColumn } from '../../catalogs/fits-table.ts';
import { headerBytes, paddedBytes } from '../../catalogs/fits-write.ts';
import { readMocFile } from '../../catalogs/moc-file.ts';
import { crosshatch } from '../cli/process.ts';
import { tempFolder } from '../query/temp-folder.ts';
import { counted, testSpool } from './remote-fixture.ts';
import { serveFolder, type WebServer } from './web-server.ts';

const temp = tempFolder();
testSpool();
let web: WebServer;
const WIDTH = 8000;
const HEIGHT = 15_000;

/** A file of some 500 MB, mostly holes: an image of 32-bit floats, one of 16-bit integers, a table. */
beforeAll(async () => {
  const file = openSync(temp('big.fits'), 'w');
  let at = 0;
  const put = (bytes: Uint8Array) => {
    writeSync(file, bytes, 0, bytes.length, at);
    at += bytes.length;
  };
  const notes = Array.from({ length: 120 }, (_, i) => `a long header, line ${i}`);
  const primary = [
    ['SIMPLE', true],
    ['BITPIX', -32],
    ['NAXIS', 2],
    ['NAXIS1', WIDTH],
    ['NAXIS2', HEIGHT],
  ] as const;
  put(headerBytes(primary, notes));
  const image = at;
  const pixel = Buffer.alloc(4);
  for (let y = 100; y < 110; y++) {
    for (let x = 50; x < 80; x++) {
      pixel.writeFloatBE(x + y / 100);
      writeSync(file, pixel, 0, 4, image + 4 * (y * WIDTH + x));
    }
  }
  at = image + paddedBytes(4 * WIDTH * HEIGHT);
  put(
    headerBytes([
      ['XTENSION', 'IMAGE'],
      ['BITPIX', 16],
      ['NAXIS', 3],
      ['NAXIS1', 4],
      ['NAXIS2', 3],
      ['NAXIS3', 2],
      ['PCOUNT', 0],
      ['GCOUNT', 1],
      ['BSCALE', 0.5],
      ['BZERO', 10],
      ['BLANK', -1],
    ]),
  );
  const cube = Buffer.alloc(paddedBytes(48));
  for (let i = 0; i < 24; i++) cube.writeInt16BE(i === 5 ? -1 : i, 2 * i);
  put(cube);
  put(
    headerBytes([
      ['XTENSION', 'BINTABLE'],
      ['BITPIX', 8],
      ['NAXIS', 2],
      ['NAXIS1', 12],
      ['NAXIS2', 3],
      ['PCOUNT', 0],
      ['GCOUNT', 1],
      ['TFIELDS', 2],
      ['TTYPE1', 'ID'],
      ['TFORM1', 'J'],
      ['TTYPE2', 'MAG'],
      ['TFORM2', 'D'],
    ]),
  );
  const table = Buffer.alloc(paddedBytes(36));
  for (let row = 0; row < 3; row++) {
    table.writeInt32BE(row + 7, 12 * row);
    table.writeDoubleBE(row / 4, 12 * row + 4);
  }
  put(table);
  ftruncateSync(file, at);
  closeSync(file);
  web = await serveFolder(temp());
});
afterAll(() => web.close());

describe.each(['disk', 'web'])('a large file on the %s', (from) => {
  const open = () => openFits(from === 'disk' ? temp('big.fits') : `${web.url}/big.fits`);

  test('shows its headers', async () => {
    const { result, counts } = await counted(async () => readUnits(await open()));
    expect(result.map(({ header }) => header.get('NAXIS'))).toEqual([2, 3, 2]);
    if (from === 'web') {
      expect(counts.bytes).toBeLessThan(100_000);
      expect(counts.requests).toBeLessThanOrEqual(4);
    }
  });

  test('gives a section of an image', async () => {
    const source = await open();
    const units = await readUnits(source);
    expect(units.map(isImage)).toEqual([true, true, false]);
    const bounds = [
      { from: 51, to: 53 },
      { from: 101, to: 103 },
    ];
    const { result, counts } = await counted(() => readImageSection(source, units[0]!, bounds));
    expect(result.shape).toEqual([3, 3]);
    expect([...result.values].map((value) => Number(value.toFixed(2)))).toEqual([
      ...[51, 52, 53],
      ...[51.01, 52.01, 53.01],
      ...[51.02, 52.02, 53.02],
    ]);
    if (from === 'web') expect(counts.bytes).toBeLessThan(200_000);
  });

  test('gives a section of a cube, scaled, with blanks', async () => {
    const source = await open();
    const units = await readUnits(source);
    const bounds = [{ from: 2, to: 3 }, {}, { from: 1, to: 1 }];
    const { shape, values } = await readImageSection(source, units[1]!, bounds);
    expect(shape).toEqual([2, 3, 1]);
    expect([...values]).toEqual([10.5, 11, Number.NaN, 13, 14.5, 15]);
    await expect(readImageSection(source, units[1]!, [{ from: 0 }])).rejects.toThrow(
      'axis 1 has the pixels 1 to 4; the section asks for 0 to 4',
    );
  });

  test('gives one column of a table', async () => {
    const source = await open();
    const units = await readUnits(source);
    const table = binaryTable(units[2]!, source.where)!;
    expect([...(await readTableColumn(source, table, table.columns[1]!))]).toEqual([0, 0.25, 0.5]);
  });
});

test('a MOC is read over the web', async () => {
  const { writeFileSync } = await import('node:fs');
  writeFileSync(temp('moc.json'), '{"3": [1, 2]}');
  expect((await readMocFile(`${web.url}/moc.json`)).ranges).toHaveLength(2);
});

describe('crosshatch fits', () => {
  const run = (...args: string[]) => crosshatch(['fits', ...args]);

  test('prints headers, sections and columns', async () => {
    const url = `${web.url}/big.fits`;
    const header = await run('header', url, '--hdu', '1');
    expect(header.stdout).toMatch(/^HDU 1\n {2}XTENSION {2}IMAGE\n[\s\S]*\nnetwork: \d requests, /);
    const section = await run('section', url, '--hdu', '1', '--section', '1:2,1,1', '--json');
    expect(JSON.parse(section.stdout)).toEqual({
      hdu: 1,
      shape: [2, 1, 1],
      origin: [1, 1, 1],
      values: [10, 10.5],
    });
    const table = await run('table', temp('big.fits'), '--columns', 'mag', '--json');
    expect(JSON.parse(table.stdout)).toEqual({ hdu: 2, rows: 3, columns: { MAG: [0, 0.25, 0.5] } });
  });

  test('says what is wrong', async () => {
    const file = temp('big.fits');
    for (const [args, message] of [
      [
        ['pixels', file],
        "error: 'pixels' is nothing fits can show\nGive header, section or table.\n",
      ],
      [['header', file, '--hdu', '9'], 'error: there is no unit 9: the file has 3\n'],
      [['section', file], 'error: a section needs --section\nSuch as 1:10,1:10.\n'],
      [
        ['table', file, '--columns', 'x'],
        `error: the table has no column x (${file})\nIt has ID, MAG.\n`,
      ],
    ] as const) {
      const { status, stderr } = await run(...args);
      expect([status, stderr]).toEqual([2, message]);
    }
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatPartitionInfo, parsePartitionInfo } from '../../catalogs/partition-info.ts';
import { type Pixel, pixelText } from '../../partitioning/pixel.ts';

const texts = (pixels: readonly Pixel[]) => pixels.map(pixelText);

describe('reading the partition list', () => {
  test.each([
    ['Norder,Npix\n0,11\n', ['0/11']],
    ['Norder,Npix\r\n1,47\r\n2,176\r\n', ['2/176', '1/47']],
    ['Norder,Npix,Dir\n0,11,0', ['0/11']],
    ['Norder,Dir,Npix,num_rows\n2,0,5,17\n2,0,4,3\n', ['2/4', '2/5']],
    ['"Npix","Norder"\n"7","1"\n', ['1/7']],
    ['\uFEFFNorder,Npix\n\n1,7\n\n', ['1/7']],
    ['Norder,Npix\n', []],
    ['Norder,Npix', []],
  ])('%j', (text, expected) => {
    expect(texts(parsePartitionInfo(text, 'f'))).toEqual(expected);
  });

  test.each([
    ['order,pixel\n0,1', 'the partition list has no columns Norder and Npix but order, pixel (f)'],
    ['norder,npix\n0,1', 'the partition list has no columns Norder and Npix'],
    [
      'Norder,Npix\n0,1\n0,12',
      'line 3 of the partition list is no pixel: pixel 12 does not exist at HEALPix order 0 (f)',
    ],
    ['Norder,Npix\n0', "line 2 of the partition list is no pixel: '' is no whole number (f)"],
    ['Norder,Npix\n0,-1', "line 2 of the partition list is no pixel: '-1' is no whole number (f)"],
    ['Norder,Npix\n0,11\n0,11', 'overlapping partitions: 0/11 is listed twice (f)'],
    ['Norder,Npix\n2,176\n1,3\n0,11', 'overlapping partitions: 0/11 contains 2/176 (f)'],
  ])('%j is refused', (text, message) => {
    expect(() => parsePartitionInfo(text, 'f')).toThrow(message);
  });
});

test('the list is written along the NESTED curve', () => {
  const pixels = [
    { order: 1, pixel: 47 },
    { order: 0, pixel: 4 },
    { order: 2, pixel: 176 },
  ];
  expect(formatPartitionInfo(pixels)).toBe('Norder,Npix\n0,4\n2,176\n1,47\n');
});

test('written and read back, any disjoint list is the same set', () => {
  const pixel = fc.integer({ min: 0, max: 12 * 4 ** 3 - 1 });
  fc.assert(
    fc.property(fc.uniqueArray(pixel), (numbers) => {
      const pixels = numbers.map((number) => ({ order: 3, pixel: number }));
      const sorted = [...numbers].sort((a, b) => a - b).map((number) => `3/${number}`);
      expect(texts(parsePartitionInfo(formatPartitionInfo(pixels), 'f'))).toEqual(sorted);
    }),
  );
});

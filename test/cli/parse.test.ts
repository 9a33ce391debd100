import { InvalidArgumentError } from 'commander';
import { describe, expect, test } from 'vitest';
import {
  parseBox,
  parseBytes,
  parseCompression,
  parseCone,
  parseMargin,
  parseNames,
  parseNeighbors,
  parseNumber,
  parsePolygon,
  parsePrices,
  parseSuffixes,
} from '../../cli/parse.ts';

describe('sizes', () => {
  test.each([
    ['8GB', 8e9],
    ['8gb', 8e9],
    ['8 GB', 8e9],
    ['8G', 8e9],
    ['1.5g', 1.5e9],
    ['.5MB', 5e5],
    ['512MiB', 512 * 2 ** 20],
    ['512Mi', 512 * 2 ** 20],
    ['2GiB', 2 ** 31],
    ['1TiB', 2 ** 40],
    ['3kB', 3000],
    ['3KiB', 3072],
    ['1000000', 1e6],
    ['12B', 12],
  ])('%s is %d bytes', (text, bytes) => {
    expect(parseBytes(text)).toBe(bytes);
  });

  test.each(['', 'GB', 'lots', '-1GB', '1XB', '1 2', '1e9', '8GB!', '1..5GB'])(
    '"%s" is refused',
    (text) => {
      expect(() => parseBytes(text)).toThrow(InvalidArgumentError);
    },
  );
});

describe('numbers', () => {
  test.each([
    ['1', 1],
    ['1e6', 1e6],
    ['-0.5', -0.5],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
  ])('%s', (text, value) => {
    expect(parseNumber(text)).toBe(value);
  });

  test.each(['', ' ', 'abc', '1"', '1,5'])('"%s" is refused', (text) => {
    expect(() => parseNumber(text)).toThrow('Give a number.');
  });

  test('prices are four', () => {
    expect(parsePrices('0.0004, 0,0.02,0.09')).toEqual({
      perThousandRequests: 0.0004,
      sameRegion: 0,
      otherRegion: 0.02,
      outOfCloud: 0.09,
    });
    expect(() => parsePrices('1,2,3')).toThrow('Give four prices in dollars');
  });

  test('neighbors and margins may be words', () => {
    expect(parseNeighbors('all')).toBe('all');
    expect(parseNeighbors('3')).toBe(3);
    expect(() => parseNeighbors('some')).toThrow('Give a number.');
    expect(parseMargin('none')).toBe('none');
    expect(parseMargin('10')).toBe(10);
  });
});

describe('lists', () => {
  test('names', () => {
    expect(parseNames('ra, dec,pm')).toEqual(['ra', 'dec', 'pm']);
    expect(() => parseNames('ra,,dec')).toThrow('Give names');
    expect(() => parseNames('')).toThrow('Give names');
  });

  test('suffixes may be empty, but there are two', () => {
    expect(parseSuffixes('_a,_b')).toEqual(['_a', '_b']);
    expect(parseSuffixes(',_right')).toEqual(['', '_right']);
    expect(() => parseSuffixes('_a')).toThrow('two suffixes');
    expect(() => parseSuffixes('_a,_b,_c')).toThrow('two suffixes');
  });
});

describe('regions', () => {
  test('a cone, a box that runs over 0, a polygon', () => {
    expect(parseCone('285.5,-5,3600')).toEqual({ ra: 285.5, dec: -5, radiusArcsec: 3600 });
    expect(parseBox('350, 10, -5, 5')).toEqual({ ra: [350, 10], dec: [-5, 5] });
    expect(parsePolygon(' 280,0 290,0  285,8 ')).toEqual([
      [280, 0],
      [290, 0],
      [285, 8],
    ]);
  });

  test.each(['1,2', '1,2,3,4', '1,,3', 'a,2,3', ''])('cone "%s" is refused', (text) => {
    expect(() => parseCone(text)).toThrow('Give RA,DEC,ARCSEC');
  });

  test('a box of three numbers and a vertex of one are refused', () => {
    expect(() => parseBox('1,2,3')).toThrow('Give RA1,RA2,DEC1,DEC2');
    expect(() => parsePolygon('1,2 3')).toThrow('Give vertices');
  });
});

describe('compression', () => {
  test.each([
    ['zstd', { compression: 'zstd' }],
    ['ZSTD:9', { compression: 'zstd', compressionLevel: 9 }],
    ['snappy', { compression: 'snappy' }],
    ['lz4', { compression: 'lz4_raw' }],
    ['none', { compression: 'uncompressed' }],
  ])('%s', (text, value) => {
    expect(parseCompression(text)).toEqual(value);
  });

  test.each([
    ['gzip', 'Give zstd'],
    ['zstd:0', 'Levels of zstd'],
    ['zstd:23', 'Levels of zstd'],
    ['zstd:', 'Levels of zstd'],
    ['zstd:1.5', 'Levels of zstd'],
    ['zstd:1:2', 'Give zstd'],
    ['lz4:3', 'Only zstd has levels'],
    ['', 'Give zstd'],
  ])('"%s" is refused', (text, message) => {
    expect(() => parseCompression(text)).toThrow(message);
  });
});

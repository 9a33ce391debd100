/** Reads the values of options. What only the engine can judge, such as a radius of 0, is left to it. */
import { InvalidArgumentError } from 'commander';
import type { Prices } from '../catalogs/remote/prices.ts';

export function parseNumber(text: string): number {
  const value = Number(text);
  const isNumber = text.trim() !== '' && (!Number.isNaN(value) || /^nan$/i.test(text));
  if (!isNumber) throw new InvalidArgumentError('Give a number.');
  return value;
}

const BYTES: Readonly<Record<string, number>> = {
  ...{ '': 1, b: 1 },
  ...{ k: 1e3, kb: 1e3, m: 1e6, mb: 1e6, g: 1e9, gb: 1e9, t: 1e12, tb: 1e12 },
  ...{ ki: 2 ** 10, kib: 2 ** 10, mi: 2 ** 20, mib: 2 ** 20 },
  ...{ gi: 2 ** 30, gib: 2 ** 30, ti: 2 ** 40, tib: 2 ** 40 },
};

/** `8GB`, `512MiB`, `1.5g`: decimal units, and binary ones with an i. */
export function parseBytes(text: string): number {
  const [, digits, unit] = /^\s*(\d+\.?\d*|\.\d+)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  const scale = BYTES[unit?.toLowerCase() ?? '?'];
  if (digits === undefined || scale === undefined) {
    throw new InvalidArgumentError('Give a size such as 8GB or 512MiB.');
  }
  return Math.floor(Number(digits) * scale);
}

/** `a,b,c`; names may have blanks around them. */
export function parseNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.some((name) => name === '')) {
    throw new InvalidArgumentError('Give names with commas between them, such as ra,dec.');
  }
  return names;
}

export function parseSuffixes(text: string): [string, string] {
  const [left, right, ...more] = text.split(',').map((suffix) => suffix.trim());
  if (left === undefined || right === undefined || more.length > 0) {
    throw new InvalidArgumentError('Give two suffixes with a comma between them, such as _a,_b.');
  }
  return [left, right];
}

export function parseNeighbors(text: string): number | 'all' {
  return text === 'all' ? text : parseNumber(text);
}

/** An angle, or `none`. */
export function parseMargin(text: string): number | 'none' {
  return text === 'none' ? text : parseNumber(text);
}

export interface ConeValue {
  readonly ra: number;
  readonly dec: number;
  readonly radiusArcsec: number;
}

export function parseCone(text: string): ConeValue {
  const [ra, dec, radiusArcsec] = numbersOf(text, 3, 'RA,DEC,ARCSEC, such as 285,5,3600');
  return { ra: ra!, dec: dec!, radiusArcsec: radiusArcsec! };
}

/** Dollars for 1000 requests, and for 1 GB that stays in the region, goes to another, or leaves the cloud. */
export function parsePrices(text: string): Prices {
  const form = 'four prices in dollars, such as 0.0004,0,0.02,0.09';
  const [perThousandRequests, sameRegion, otherRegion, outOfCloud] = numbersOf(text, 4, form);
  return {
    perThousandRequests: perThousandRequests!,
    sameRegion: sameRegion!,
    otherRegion: otherRegion!,
    outOfCloud: outOfCloud!,
  };
}

/** `lon,lat` */
export function parseCenter(text: string): [number, number] {
  const [longitude, latitude] = numbersOf(text, 2, 'LON,LAT, such as 266.4,-28.9');
  return [longitude!, latitude!];
}

export interface BoxValue {
  readonly ra: [number, number];
  readonly dec: [number, number];
}

export function parseBox(text: string): BoxValue {
  const [ra1, ra2, dec1, dec2] = numbersOf(text, 4, 'RA1,RA2,DEC1,DEC2, such as 350,10,-5,5');
  return { ra: [ra1!, ra2!], dec: [dec1!, dec2!] };
}

/** `ra,dec ra,dec …` */
export function parsePolygon(text: string): [number, number][] {
  return text
    .trim()
    .split(/\s+/)
    .map((vertex) => {
      const [ra, dec] = numbersOf(vertex, 2, 'vertices, such as "280,0 290,0 285,8"');
      return [ra!, dec!];
    });
}

function numbersOf(text: string, count: number, form: string): number[] {
  const parts = text.split(',').map((part) => part.trim());
  const numbers = parts.map((part) => (part === '' ? Number.NaN : Number(part)));
  if (numbers.length !== count || numbers.some(Number.isNaN)) {
    throw new InvalidArgumentError(`Give ${form}.`);
  }
  return numbers;
}

export interface CompressionValue {
  readonly compression: 'zstd' | 'snappy' | 'lz4_raw' | 'uncompressed';
  readonly compressionLevel?: number;
}

const CODECS: Readonly<Record<string, CompressionValue['compression']>> = {
  zstd: 'zstd',
  snappy: 'snappy',
  lz4: 'lz4_raw',
  none: 'uncompressed',
};
/** The levels of zstd; the others have none. */
const MAX_LEVEL = 22;

/** `zstd`, `zstd:9`, `snappy`, `lz4`, `none` */
export function parseCompression(text: string): CompressionValue {
  const [codec = '', level, ...more] = text.toLowerCase().split(':');
  const compression = CODECS[codec];
  if (compression === undefined || more.length > 0) {
    throw new InvalidArgumentError('Give zstd, zstd:LEVEL, snappy, lz4 or none.');
  }
  if (level === undefined) return { compression };
  if (codec !== 'zstd') throw new InvalidArgumentError(`Only zstd has levels, ${codec} has none.`);
  const compressionLevel = Number(level);
  if (!/^\d+$/.test(level) || compressionLevel < 1 || compressionLevel > MAX_LEVEL) {
    throw new InvalidArgumentError(`Levels of zstd are 1 to ${MAX_LEVEL}.`);
  }
  return { compression, compressionLevel };
}

/** Cards of FITS tables that hold HEALPix maps. */
import { type Card, standardUnit } from './fits-write.ts';
import type { MapFrame } from './map-table.ts';

export const CREATOR = 'Crosshatch';

export interface ColumnLayout {
  readonly name: string;
  /** `TFORMn`. */
  readonly form: string;
  readonly unit?: string;
}

/**
 * The cards a table must start with, in the order that the standard and cdshealpix insist on: each TFORM
 * follows its TTYPE.
 */
export function tableCards(
  rowBytes: number,
  rows: number,
  columns: readonly ColumnLayout[],
): Card[] {
  return [
    ['XTENSION', 'BINTABLE'],
    ['BITPIX', 8],
    ['NAXIS', 2],
    ['NAXIS1', rowBytes],
    ['NAXIS2', rows],
    ['PCOUNT', 0],
    ['GCOUNT', 1],
    ['TFIELDS', columns.length],
    ...columns.flatMap(({ name, form, unit }, i): Card[] => [
      [`TTYPE${i + 1}`, name],
      [`TFORM${i + 1}`, form],
      ...(unit === undefined ? [] : [[`TUNIT${i + 1}`, standardUnit(unit)] as const]),
    ]),
  ];
}

/** Where the pixels of a NESTED map are: all of the sky, or as many as are listed. */
export function placeCards(
  order: number,
  listed: number | undefined,
  frame: MapFrame = 'C',
): Card[] {
  return [
    ['PIXTYPE', 'HEALPIX'],
    ['ORDERING', 'NESTED'],
    ['COORDSYS', frame],
    ['EXTNAME', 'xtension'],
    ['NSIDE', 2 ** order],
    ...(listed === undefined ? wholeCards(order) : partCards(listed)),
  ];
}

function wholeCards(order: number): Card[] {
  return [
    ['FIRSTPIX', 0],
    ['LASTPIX', 12 * 4 ** order - 1],
    ['INDXSCHM', 'IMPLICIT'],
    ['OBJECT', 'FULLSKY'],
  ];
}

function partCards(pixels: number): Card[] {
  return [
    ['OBS_NPIX', pixels],
    ['INDXSCHM', 'EXPLICIT'],
    ['OBJECT', 'PARTIAL'],
  ];
}

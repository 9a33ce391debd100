/** FITS files as other programs write them, and the cards of those we write. */
import { readFile } from 'node:fs/promises';
import { type Card, headerBytes, paddedBytes, primaryHeader } from '../../catalogs/fits-write.ts';

/** A FITS file with one table of the given header cards and bytes. */
export function tableFile(cards: Card[], data: Uint8Array): Uint8Array {
  const padding = new Uint8Array(paddedBytes(data.length) - data.length);
  return Buffer.concat([primaryHeader(), headerBytes(cards), data, padding]);
}

export const PLACE: Card[] = [
  ['PIXTYPE', 'HEALPIX'],
  ['ORDERING', 'NESTED'],
  ['NSIDE', 1],
];

/** Cards of a table with rows of one form. */
export function table(
  rows: number,
  rowBytes: number,
  forms: string[],
  rest: Card[] = PLACE,
): Card[] {
  return [
    ['XTENSION', 'BINTABLE'],
    ['BITPIX', 8],
    ['NAXIS', 2],
    ['NAXIS1', rowBytes],
    ['NAXIS2', rows],
    ['PCOUNT', 0],
    ['GCOUNT', 1],
    ['TFIELDS', forms.length],
    ...forms.map((form, i): Card => [`TFORM${i + 1}`, form]),
    ...rest,
  ];
}

/** Cards of the table in a file, one per line. */
export async function cardsOf(file: string): Promise<string[]> {
  const text = (await readFile(file)).toString('latin1').slice(2880, 2 * 2880);
  const cards = text.match(/.{80}/g)!.map((card) => card.trimEnd());
  return cards.slice(0, cards.indexOf('END'));
}

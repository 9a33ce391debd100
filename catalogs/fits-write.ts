/** Headers of FITS files being written. */
import { FITS_BLOCK_BYTES } from './fits.ts';

export type Card = readonly [key: string, value: string | number | boolean];

/** Characters of text in a card without value. */
const COMMENT_WIDTH = 72;
/** Characters of a text value, quotes not counted. */
const MAX_TEXT = 68;

/**
 * A header padded to whole blocks. Values stand at the fixed places of the standard (section 4.2), which
 * the strictest readers insist on.
 * @param comments lines for `COMMENT` cards; longer ones are wrapped
 */
export function headerBytes(cards: readonly Card[], comments: readonly string[] = []): Uint8Array {
  const lines = cards.map(([key, value]) => `${key.padEnd(8)}= ${valueText(key, value)}`);
  for (const comment of comments) {
    const text = plain(comment).trimEnd();
    for (let at = 0; at < text.length; at += COMMENT_WIDTH) {
      lines.push(`COMMENT ${text.slice(at, at + COMMENT_WIDTH)}`);
    }
  }
  lines.push('END');
  const text = lines.map((line) => line.padEnd(80)).join('');
  return Buffer.from(text.padEnd(paddedBytes(text.length)), 'latin1');
}

/** The header of an empty primary unit, which a file of tables starts with. */
export function primaryHeader(): Uint8Array {
  return headerBytes([
    ['SIMPLE', true],
    ['BITPIX', 8],
    ['NAXIS', 0],
    ['EXTEND', true],
  ]);
}

/** Size rounded up to whole blocks. */
export function paddedBytes(bytes: number): number {
  return Math.ceil(bytes / FITS_BLOCK_BYTES) * FITS_BLOCK_BYTES;
}

function valueText(key: string, value: string | number | boolean): string {
  if (typeof value === 'boolean') return (value ? 'T' : 'F').padStart(20);
  if (typeof value === 'number') return String(value).toUpperCase().padStart(20);
  const text = `'${plain(value).replaceAll("'", "''").padEnd(8)}'`;
  if (text.length > 70) throw new RangeError(`the value of ${key} is too long for a FITS card`);
  return text;
}

/** A name of a column in the letters that the standard recommends (section 7.3.2), cut to the length of a card. */
export function standardName(name: string): string {
  const letters = name.replace(/[^A-Za-z0-9_]+/g, '_').replace(/^_+|_+$/g, '');
  return (letters === '' ? 'VALUE' : letters).slice(0, MAX_TEXT);
}

/** Signs of units that ASCII lacks, as FITS writes them (section 4.3). */
const UNIT_SIGNS: Readonly<Record<string, string>> = {
  ...{ '°': 'deg', '′': 'arcmin', '″': 'arcsec', µ: 'u', μ: 'u', Å: 'Angstrom', '⁻': '-' },
  ...Object.fromEntries(Array.from('⁰¹²³⁴⁵⁶⁷⁸⁹', (sign, digit) => [sign, String(digit)])),
};

/** A unit in the letters of FITS, cut to the length of a card: `deg⁻²` becomes `deg-2`. */
export function standardUnit(unit: string): string {
  const text = Array.from(unit, (sign) => UNIT_SIGNS[sign] ?? sign).join('');
  return cardText(text);
}

/** A text as a card can hold it: printable ASCII, and no longer than `room` once its quotes are doubled. */
export function cardText(text: string, room = MAX_TEXT): string {
  let kept = plain(text).slice(0, room);
  while (kept.replaceAll("'", "''").length > room) kept = kept.slice(0, -1);
  return kept;
}

/** FITS headers hold printable ASCII only. */
function plain(text: string): string {
  return text.replace(/[^\x20-\x7e]/gu, '?');
}

/** The order of categories: numbers, then NaN; texts by code point; null last, as SQL has it by default. */
import type { KeyValue } from '../groups.ts';

/** Compares two categories, key by key. */
export function compareKeys(a: readonly KeyValue[], b: readonly KeyValue[]): number {
  for (let i = 0; i < a.length; i++) {
    const order = compareValues(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return 0;
}

/** Compares two values of one key, which are of one type. */
export function compareValues(a: KeyValue, b: KeyValue): number {
  if (a === b) return 0;
  if (a === null) return 1;
  if (b === null) return -1;
  if (typeof a === 'string') return compareTexts(a, b as string);
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  return Number.isNaN(b) || a < (b as number | bigint) ? -1 : 1;
}

/**
 * Texts by code point, which is the order of their UTF-8 bytes. JavaScript's own order is that of UTF-16 units, in
 * which characters beyond U+FFFF come before some of those below.
 */
function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** UTF-16 units in the order of what they are part of: surrogates, which make the highest characters, come last. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}

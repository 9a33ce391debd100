/** Brings rows of one group together: by category, then by place. */

export interface GroupedRows {
  /** Row numbers, group after group, in a group ascending; null: the rows as they are. */
  readonly order: Int32Array | null;
  /** Where each group ends in the order; it starts where the one before it ends. */
  readonly end: Int32Array;
  /** Category and place of each group; null where all are 0. */
  readonly category: Int32Array | null;
  readonly place: Int32Array | null;
}

/** Groups `length` rows; category and place of each row are not negative, null: all 0. */
export function groupRows(
  length: number,
  category: Int32Array | null,
  place: Int32Array | null,
): GroupedRows {
  let order: Int32Array | null = null;
  if (place !== null) order = sortedBy(place, order, length);
  if (category !== null) order = sortedBy(category, order, length);
  const end = new Int32Array(countGroups(length, order, category, place));
  const groups = end.length;
  const categories = category === null ? null : new Int32Array(groups);
  const places = place === null ? null : new Int32Array(groups);
  let group = 0;
  for (let i = 0; i < length; i++) {
    const row = order === null ? i : order[i]!;
    if (i + 1 < length) {
      const next = order === null ? i + 1 : order[i + 1]!;
      const same =
        (place === null || place[row] === place[next]) &&
        (category === null || category[row] === category[next]);
      if (same) continue;
    }
    if (categories !== null) categories[group] = category![row]!;
    if (places !== null) places[group] = place![row]!;
    end[group++] = i + 1;
  }
  return { order, end, category: categories, place: places };
}

function countGroups(
  length: number,
  order: Int32Array | null,
  category: Int32Array | null,
  place: Int32Array | null,
): number {
  let groups = length > 0 ? 1 : 0;
  for (let i = 1; i < length; i++) {
    const row = order === null ? i : order[i]!;
    const before = order === null ? i - 1 : order[i - 1]!;
    const differ =
      (place !== null && place[row] !== place[before]) ||
      (category !== null && category[row] !== category[before]);
    if (differ) groups++;
  }
  return groups;
}

const DIGIT_BITS = 11;
const DIGITS = 1 << DIGIT_BITS;

/** `order` sorted by a key, rows of one key as they were: by counting, one digit of the key after the other. */
function sortedBy(key: Int32Array, order: Int32Array | null, length: number): Int32Array | null {
  let most = 0;
  let isSorted = true;
  let before = 0;
  for (let i = 0; i < length; i++) {
    const value = key[order === null ? i : order[i]!]!;
    if (value < before) isSorted = false;
    if (value > most) most = value;
    before = value;
  }
  if (isSorted) return order;
  let from = order;
  // Keys have 31 bits at most: three digits.
  for (let shift = 0; shift < 31 && most >>> shift > 0; shift += DIGIT_BITS) {
    from = sortedByDigit(key, from, length, shift);
  }
  return from;
}

function sortedByDigit(
  key: Int32Array,
  order: Int32Array | null,
  length: number,
  shift: number,
): Int32Array {
  const starts = new Int32Array(DIGITS + 1);
  for (let i = 0; i < length; i++) starts[((key[i]! >>> shift) & (DIGITS - 1)) + 1]!++;
  for (let digit = 0; digit < DIGITS; digit++) starts[digit + 1]! += starts[digit]!;
  const out = new Int32Array(length);
  for (let i = 0; i < length; i++) {
    const row = order === null ? i : order[i]!;
    const digit = (key[row]! >>> shift) & (DIGITS - 1);
    out[starts[digit]!] = row;
    starts[digit]!++;
  }
  return out;
}

/** Exact ratios of whole numbers to doubles. */

/** Bits that a quotient has before it is rounded: more than a mantissa and its guard. */
const QUOTIENT_BITS = 66;
/** Place of the last bit of the smallest double. */
const LEAST_PLACE = -1074;

/** The double nearest to `above` / `below` · 2^`exponent`, from half-way the even one; `below` is positive. */
export function roundRatio(above: bigint, below: bigint, exponent: number): number {
  if (above === 0n) return 0;
  const negative = above < 0n;
  const size = negative ? -above : above;
  const shift = Math.max(0, QUOTIENT_BITS + bitLength(below) - bitLength(size));
  const shifted = size << BigInt(shift);
  const whole = shifted / below;
  const spare = BigInt(Math.max(0, bitLength(whole) - QUOTIENT_BITS));
  const quotient = whole >> spare;
  // One more bit says whether anything is left: enough to tell half-way from beyond.
  const isExact = (quotient << spare) * below === shifted;
  const marked = (quotient << 1n) | (isExact ? 0n : 1n);
  const value = roundWhole(marked, exponent - shift + Number(spare) - 1);
  return negative ? -value : value;
}

/** `whole`, of about {@link QUOTIENT_BITS} bits, · 2^`place` as a double. */
function roundWhole(whole: bigint, place: number): number {
  // Conversion rounds to 53 bits, to the nearest and to even, and a power of two then only moves the exponent.
  if (place + bitLength(whole) - 53 >= LEAST_PLACE) return scaled(Number(whole), place);
  const dropped = BigInt(LEAST_PLACE - place);
  const kept = whole >> dropped;
  const lost = whole - (kept << dropped);
  const half = 1n << (dropped - 1n);
  const up = lost > half || (lost === half && (kept & 1n) === 1n);
  return Number(up ? kept + 1n : kept) * 2 ** LEAST_PLACE;
}

/** `value` · 2^`place` by powers of two that doubles have; `value` is at least 1. */
function scaled(value: number, place: number): number {
  if (place > 1023) return Number.POSITIVE_INFINITY;
  const first = Math.max(place, -1000);
  return value * 2 ** first * 2 ** (place - first);
}

/** Number of bits of a positive whole number. */
function bitLength(value: bigint): number {
  const text = value.toString(16);
  return 4 * (text.length - 1) + (32 - Math.clz32(Number.parseInt(text[0]!, 16)));
}

const double = new Float64Array(1);
const words = new Int32Array(double.buffer);

/** The distance from a normal number to the next larger one of its sign and size. */
export function stepOf(value: number): number {
  double[0] = value;
  return 2 ** (((words[1]! >>> 20) & 0x7ff) - 1075);
}

/** True for a normal number that is a power of two. */
export function isPowerOfTwo(value: number): boolean {
  return stepOf(value) * 2 ** 52 === Math.abs(value);
}

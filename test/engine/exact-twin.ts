/** Exact arithmetic on doubles with whole numbers of any size, by definition and without regard to speed. */

/** A fraction with a positive lower part. */
export interface Fraction {
  readonly above: bigint;
  readonly below: bigint;
}

/** 2¹⁰⁷⁴: every finite double is a whole number of the smallest one. */
const ONE = 2n ** 1074n;

const double = new Float64Array(1);
const bits = new BigUint64Array(double.buffer);

/** A finite double as a whole number of 2⁻¹⁰⁷⁴. */
export function wholeOfDouble(value: number): bigint {
  double[0] = value;
  const exponent = (bits[0]! >> 52n) & 0x7ffn;
  const mantissa = (bits[0]! & (2n ** 52n - 1n)) + (exponent === 0n ? 0n : 2n ** 52n);
  const size = mantissa << (exponent === 0n ? 0n : exponent - 1n);
  return value < 0 ? -size : size;
}

export function fraction(value: number | bigint): Fraction {
  return typeof value === 'bigint'
    ? { above: value, below: 1n }
    : { above: wholeOfDouble(value), below: ONE };
}

export function add(a: Fraction, b: Fraction): Fraction {
  if (a.below === b.below) return { above: a.above + b.above, below: a.below };
  return { above: a.above * b.below + b.above * a.below, below: a.below * b.below };
}

export function times(a: Fraction, b: Fraction): Fraction {
  return { above: a.above * b.above, below: a.below * b.below };
}

export function over(a: Fraction, count: bigint): Fraction {
  return { above: a.above, below: a.below * count };
}

export function minus(a: Fraction): Fraction {
  return { above: -a.above, below: a.below };
}

export function sumOf(values: readonly (number | bigint)[]): Fraction {
  return values.map(fraction).reduce(add, fraction(0));
}

/** Population (`less` 0) or sample (1) variance by its definition: the mean square of what is left of the mean. */
export function varianceOf(values: readonly (number | bigint)[], less: 0 | 1): Fraction {
  const count = BigInt(values.length);
  const mean = over(sumOf(values), count);
  const squares = values.map((value) => {
    const off = add(fraction(value), minus(mean));
    return times(off, off);
  });
  return over(squares.reduce(add, fraction(0n)), count - BigInt(less));
}

/** The nearest double, from half-way the one whose last bit is zero; found by bisection over all doubles. */
export function nearestDouble({ above, below }: Fraction): number {
  if (above < 0n) return -nearestDouble({ above: -above, below });
  // Positive doubles come in the order of their bits, read as whole numbers.
  const at = (place: bigint): number => {
    bits[0] = place;
    return double[0]!;
  };
  const isBelow = (value: number) => wholeOfDouble(value) * below <= above * ONE;
  let low = 0n;
  let high = 0x7ff0000000000000n;
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (isBelow(at(middle))) low = middle;
    else high = middle;
  }
  // Beyond the largest double comes, for rounding, 2¹⁰²⁴.
  const next = high === 0x7ff0000000000000n ? 2n ** (1024n + 1074n) : wholeOfDouble(at(high));
  const twice = 2n * above * ONE;
  const middle = (wholeOfDouble(at(low)) + next) * below;
  if (twice === middle) return at(low % 2n === 0n ? low : high);
  return at(twice < middle ? low : high);
}

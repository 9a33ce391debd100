/**
 * Random expressions with a second meaning, computed in JavaScript: IEEE doubles, exact integers and SQL's three
 * truth values. Written from the rules, not from the code under test.
 */
import fc from 'fast-check';

export interface TwinRow {
  readonly x: number | null;
  readonly y: number | null;
  readonly f: number | null;
  readonly i: bigint | null;
  readonly b: bigint | null;
  readonly k: boolean | null;
}

/** What a user types, and its value in a row. */
export interface Twin<T> {
  readonly text: string;
  value(row: TwinRow): T | null;
}

type Double = Twin<number>;
type Whole = Twin<bigint>;
type Condition = Twin<boolean>;

type Twins = {
  double: Double;
  whole: Whole;
  condition: Condition;
};

/** Null where either side is null. */
function lift<A, B, T>(a: Twin<A>, b: Twin<B>, of: (a: A, b: B) => T | null) {
  return (row: TwinRow): T | null => {
    const left = a.value(row);
    const right = b.value(row);
    return left === null || right === null ? null : of(left, right);
  };
}

function negate(value: boolean | null): boolean | null {
  return value === null ? null : !value;
}

function both(a: boolean | null, b: boolean | null): boolean | null {
  if (a === false || b === false) return false;
  return a === null || b === null ? null : true;
}

function either(a: boolean | null, b: boolean | null): boolean | null {
  return negate(both(negate(a), negate(b)));
}

const LITERALS = [
  '0',
  '1',
  '-1',
  '3',
  '2.0',
  '3.0',
  '17.3',
  '10.5',
  '0.1',
  '-2.5',
  '1e300',
  '1e-300',
  '3e38',
  '.5',
];
const doubleLiteral: fc.Arbitrary<Double> = fc
  .constantFrom(...LITERALS)
  .map((text) => ({ text: text.startsWith('-') ? `(${text})` : text, value: () => Number(text) }));
const wholeLiteral: fc.Arbitrary<Whole> = fc
  .constantFrom(-7n, -2n, 0n, 1n, 2n, 3n, 10n, 1000n)
  .map((n) => ({ text: n < 0n ? `(${n})` : `${n}`, value: () => n }));

const column = {
  x: { text: 'x', value: (row: TwinRow) => row.x },
  y: { text: 'y', value: (row: TwinRow) => row.y },
  f: { text: 'f', value: (row: TwinRow) => row.f },
  i: { text: 'i', value: (row: TwinRow) => row.i },
  b: { text: 'b', value: (row: TwinRow) => row.b },
  k: { text: 'k', value: (row: TwinRow) => row.k },
};

const DOUBLES: Readonly<Record<string, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '//': (a, b) => Math.floor(a / b),
  '%': (a, b) => {
    const rest = a % b;
    return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
  },
};

const WHOLES: Readonly<Record<string, (a: bigint, b: bigint) => bigint | null>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '//': (a, b) => (b === 0n ? null : (a - (((a % b) + b) % b)) / b),
  '%': (a, b) => (b === 0n ? null : ((a % b) + b) % b),
  '&': (a, b) => a & b,
  '|': (a, b) => a | b,
};

const COMPARISONS: Readonly<Record<string, (a: number | bigint, b: number | bigint) => boolean>> = {
  // Loose equality compares a bigint with a number by value, as mathematics does.
  // biome-ignore lint/suspicious/noDoubleEquals: the point of the comparison
  '==': (a, b) => a == b,
  // biome-ignore lint/suspicious/noDoubleEquals: the point of the comparison
  '=': (a, b) => a == b,
  // biome-ignore lint/suspicious/noDoubleEquals: the point of the comparison
  '!=': (a, b) => a != b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

const comparison = fc.constantFrom(...Object.keys(COMPARISONS));

function compared(a: Twin<number | bigint>, operator: string, b: Twin<number | bigint>): Condition {
  return { text: `(${a.text} ${operator} ${b.text})`, value: lift(a, b, COMPARISONS[operator]!) };
}

/** A literal beside a column of another type: DuckDB must not round either to compare them. */
const columnWithLiteral: fc.Arbitrary<Condition> = fc
  .tuple(fc.constantFrom(column.f, column.i, column.b), comparison, doubleLiteral, fc.boolean())
  .map(([a, operator, b, swap]) => (swap ? compared(b, operator, a) : compared(a, operator, b)));

const bigComparison: fc.Arbitrary<Condition> = fc
  .tuple(comparison, fc.constantFrom(2n ** 53n, 2n ** 53n + 1n, -(2n ** 53n) - 1n))
  .map(([operator, n]) =>
    compared(column.b, operator, { text: n < 0n ? `(${n})` : `${n}`, value: () => n }),
  );

/** Functions and operators that are spelled out repeat their operands: deeper ones would grow too large. */
const BOUNDED = {
  depthIdentifier: fc.createDepthIdentifier(),
  depthSize: 'small',
  maxDepth: 4,
  withCrossShrink: true,
} as const;

const { double, whole, condition } = fc.letrec<Twins>((tie) => ({
  double: fc.oneof(
    BOUNDED,
    fc.constantFrom<Double>(column.x, column.y),
    doubleLiteral,
    fc
      .tuple(tie('double'), fc.constantFrom(...Object.keys(DOUBLES)), tie('double'))
      .map(doubleOperation),
    fc
      .tuple(fc.constant(column.f), fc.constantFrom('+', '*'), fc.constant(column.y))
      .map(doubleOperation),
    fc.tuple(tie('double'), tie('double')).map(coalesced),
    fc.tuple(tie('double'), tie('double')).map(nulledIfEqual),
    fc.tuple(tie('condition'), tie('double'), tie('double')).map(chosen),
    fc.tuple(fc.constantFrom('sqrt', 'abs', '-'), tie('double')).map(doubleFunction),
    fc.tuple(tie('whole'), tie('whole')).map(([a, b]): Double => {
      return {
        text: `(${a.text} / ${b.text})`,
        value: lift(a, b, (m, n) => Number(m) / Number(n)),
      };
    }),
  ),
  whole: fc.oneof(
    BOUNDED,
    fc.constant<Whole>(column.i),
    wholeLiteral,
    fc
      .tuple(
        fc.constantFrom<Whole>(column.i),
        fc.constantFrom(...Object.keys(WHOLES)),
        wholeLiteral,
      )
      .map(wholeOperation),
    fc
      .tuple(wholeLiteral, fc.constantFrom('//', '%'), fc.constantFrom<Whole>(column.i))
      .map(wholeOperation),
  ),
  condition: fc.oneof(
    BOUNDED,
    fc.constant<Condition>(column.k),
    fc
      .tuple(tie('double'), comparison, tie('double'))
      .map(([a, operator, b]) => compared(a, operator, b)),
    fc
      .tuple(tie('double'), comparison, tie('whole'))
      .map(([a, operator, b]) => compared(a, operator, b)),
    fc
      .tuple(tie('whole'), comparison, tie('whole'))
      .map(([a, operator, b]) => compared(a, operator, b)),
    fc
      .tuple(fc.constant(column.f), comparison, tie('double'))
      .map(([a, operator, b]) => compared(a, operator, b)),
    fc
      .tuple(fc.constant(column.f), comparison, fc.constant(column.i))
      .map(([a, operator, b]) => compared(a, operator, b)),
    columnWithLiteral,
    bigComparison,
    fc.tuple(tie('double'), comparison, tie('double'), comparison, tie('double')).map(chained),
    fc.tuple(tie('double'), fc.boolean(), tie('double'), tie('double')).map(between),
    fc
      .tuple(
        fc.oneof(tie('double'), fc.constant(column.f)),
        fc.boolean(),
        fc.array(doubleLiteral, { minLength: 1, maxLength: 3 }),
      )
      .map(among),
    fc
      .tuple(tie('double'), fc.boolean(), fc.array(tie('double'), { minLength: 1, maxLength: 2 }))
      .map(among),
    fc.tuple(fc.constantFrom(column.x, column.y, column.f), fc.boolean()).map(missing),
    fc.tuple(tie('double'), fc.boolean(), tie('double')).map(distinct),
    fc.tuple(tie('double'), fc.boolean()).map(([a, no]): Condition => {
      return {
        text: `(${a.text} is ${no ? 'not ' : ''}null)`,
        value: (row) => (a.value(row) === null) !== no,
      };
    }),
    fc.tuple(fc.constantFrom('not ', '~'), tie('condition')).map(([word, a]): Condition => {
      return { text: `(${word}${a.text})`, value: (row) => negate(a.value(row)) };
    }),
    fc
      .tuple(tie('condition'), fc.constantFrom('and', '&', 'or', '|'), tie('condition'))
      .map(joined),
  ),
}));

export const twinDouble = double;
export const twinWhole = whole;
export const twinCondition = condition;

function doubleOperation([a, operator, b]: [Double, string, Double]): Double {
  return { text: `(${a.text} ${operator} ${b.text})`, value: lift(a, b, DOUBLES[operator]!) };
}

function wholeOperation([a, operator, b]: [Whole, string, Whole]): Whole {
  return { text: `(${a.text} ${operator} ${b.text})`, value: lift(a, b, WHOLES[operator]!) };
}

function doubleFunction([name, a]: [string, Double]): Double {
  const of = { sqrt: Math.sqrt, abs: Math.abs, '-': (n: number) => -n }[name]!;
  return {
    text: name === '-' ? `(-${a.text})` : `${name}(${a.text})`,
    value: (row) => {
      const value = a.value(row);
      return value === null ? null : of(value);
    },
  };
}

function coalesced([a, b]: [Double, Double]): Double {
  return { text: `coalesce(${a.text}, ${b.text})`, value: (row) => a.value(row) ?? b.value(row) };
}

function nulledIfEqual([a, b]: [Double, Double]): Double {
  return {
    text: `nullif(${a.text}, ${b.text})`,
    value: (row) => (a.value(row) === b.value(row) ? null : a.value(row)),
  };
}

function chosen([test, a, b]: [Condition, Double, Double]): Double {
  return {
    text: `(case when ${test.text} then ${a.text} else ${b.text} end)`,
    value: (row) => (test.value(row) === true ? a.value(row) : b.value(row)),
  };
}

function chained([a, first, b, second, c]: [Double, string, Double, string, Double]): Condition {
  const left = compared(a, first, b);
  const right = compared(b, second, c);
  return {
    text: `(${a.text} ${first} ${b.text} ${second} ${c.text})`,
    value: (row) => both(left.value(row), right.value(row)),
  };
}

function between([a, no, low, high]: [Double, boolean, Double, Double]): Condition {
  const value = (row: TwinRow) =>
    both(compared(a, '>=', low).value(row), compared(a, '<=', high).value(row));
  return {
    text: `(${a.text} ${no ? 'not ' : ''}between ${low.text} and ${high.text})`,
    value: (row) => (no ? negate(value(row)) : value(row)),
  };
}

function among([a, no, items]: [Double, boolean, Double[]]): Condition {
  const value = (row: TwinRow) =>
    items.map((item) => compared(a, '==', item).value(row)).reduce(either, false);
  return {
    text: `(${a.text} ${no ? 'not ' : ''}in (${items.map((item) => item.text).join(', ')}))`,
    value: (row) => (no ? negate(value(row)) : value(row)),
  };
}

function missing([a, no]: [Double, boolean]): Condition {
  return {
    text: `${a.text}.${no ? 'notna' : 'isna'}()`,
    value: (row) => {
      const value = a.value(row);
      return (value === null || Number.isNaN(value)) !== no;
    },
  };
}

function distinct([a, no, b]: [Double, boolean, Double]): Condition {
  return {
    text: `(${a.text} is ${no ? 'not ' : ''}distinct from ${b.text})`,
    value: (row) => (a.value(row) === b.value(row)) === no,
  };
}

function joined([a, word, b]: [Condition, string, Condition]): Condition {
  const join = word === 'and' || word === '&' ? both : either;
  return {
    text: `(${a.text} ${word} ${b.text})`,
    value: (row) => join(a.value(row), b.value(row)),
  };
}

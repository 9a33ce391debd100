/** Nested columns in plain TypeScript: random nests, expressions on them and what they come to. */
import {
  Field,
  Float32,
  Float64,
  Int32,
  List,
  makeVector,
  Struct,
  Table,
  vectorFromArray,
} from 'apache-arrow';
import fc from 'fast-check';

export type Value = number | null;
export const FIELDS = ['t', 'm', 'k'] as const;
export type FieldName = (typeof FIELDS)[number];
export type Element = Readonly<Record<FieldName, Value>>;
/** A nested value as lists by field; null for a null nest. */
export type Nest = Readonly<Record<FieldName, readonly Value[] | null>> | null;

export interface NestRow {
  readonly n: number;
  /** As a struct of lists; a list may be null by itself. */
  readonly lc: Nest;
  /** As a list of structs; an element may be null by itself. */
  readonly ls: readonly (Element | null)[] | null;
}

/** Halves of small numbers: sums of them are exact. */
const half = fc.integer({ min: -8, max: 8 }).map((n) => n / 2);
const float: fc.Arbitrary<Value> = fc.oneof(
  { weight: 8, arbitrary: half },
  { weight: 2, arbitrary: fc.constantFrom(null, Number.NaN) },
);
const integer: fc.Arbitrary<Value> = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: -4, max: 4 }) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const element: fc.Arbitrary<Element> = fc.record({ t: float, m: float, k: integer });
const elements = fc.array(element, { maxLength: 5 });
const orNull = <T>(arbitrary: fc.Arbitrary<T>, freq: number) => fc.option(arbitrary, { freq });

export const nestRow: fc.Arbitrary<Omit<NestRow, 'n'>> = fc.record({
  lc: orNull(
    fc.tuple(elements, fc.constantFrom(null, null, null, null, null, 't' as const, 'k' as const)),
    8,
  ).map((made): Nest => {
    if (made === null) return null;
    const [of, lost] = made;
    const list = (field: FieldName) => (field === lost ? null : of.map((e) => e[field]));
    return { t: list('t'), m: list('m'), k: list('k') };
  }),
  ls: orNull(fc.array(orNull(element, 8), { maxLength: 5 }), 8),
});

/** Columns n, ra, dec, lc, ls; the rows lie in their order along the index. */
export function nestTable(rows: readonly NestRow[]): Table {
  const lists = FIELDS.map(
    (name) => new Field(name, new List(new Field('item', typeOf(name), true)), true),
  );
  const structs = new Struct(FIELDS.map((name) => new Field(name, typeOf(name), true)));
  return new Table({
    n: vectorFromArray(
      rows.map(({ n }) => n),
      new Int32(),
    ),
    ra: makeVector(Float64Array.from(rows, () => 10)),
    dec: makeVector(Float64Array.from(rows, ({ n }) => 10 + n / 100)),
    lc: vectorFromArray(
      rows.map(({ lc }) => lc),
      new Struct(lists as never),
    ),
    ls: vectorFromArray(
      rows.map(({ ls }) => ls),
      new List(new Field('item', structs, true)),
    ),
  } as never);
}

function typeOf(name: FieldName) {
  return { t: new Float64(), m: new Float32(), k: new Int32() }[name];
}

/** Either column as lists by field. */
export function nestOf({ lc, ls }: NestRow, column: 'lc' | 'ls'): Nest {
  if (column === 'lc') return lc;
  if (ls === null) return null;
  const list = (field: FieldName) => ls.map((e) => (e === null ? null : e[field]));
  return { t: list('t'), m: list('m'), k: list('k') };
}

/** Elements, where a field whose list is null has nulls; null where all lists are. */
export function elementsOf(nest: Nest, fields: readonly FieldName[] = FIELDS): Element[] | null {
  if (nest === null || fields.every((field) => nest[field] === null)) return null;
  const length = Math.max(...fields.map((field) => nest[field]?.length ?? 0));
  const at = (field: FieldName, i: number) => nest[field]?.[i] ?? null;
  return Array.from({ length }, (_, i) => ({ t: at('t', i), m: at('m', i), k: at('k', i) }));
}

/** Something said of an element, as text over a nested column and as a function. */
interface OfElement<T> {
  readonly text: (nest: string) => string;
  readonly fields: readonly FieldName[];
  readonly of: (e: Element, row: NestRow) => T;
}

type Truth = boolean | null;

const field: fc.Arbitrary<OfElement<Value>> = fc.constantFrom(...FIELDS).map((name) => ({
  text: (nest) => `${nest}.${name}`,
  fields: [name],
  of: (e) => e[name],
}));
const arithmetic: fc.Arbitrary<OfElement<Value>> = fc
  .tuple(field, fc.constantFrom('+', '-', '*'), fc.oneof(field, half))
  .map(([a, sign, b]) => {
    const [right, fields] = typeof b === 'number' ? [() => b, []] : [b.of, b.fields];
    const text = (nest: string) => (typeof b === 'number' ? `(${b.toFixed(1)})` : b.text(nest));
    return {
      text: (nest) => `${a.text(nest)} ${sign} ${text(nest)}`,
      fields: [...a.fields, ...fields],
      of: (e, row) => {
        const [x, y] = [a.of(e, row), right(e, row)];
        if (x === null || y === null) return null;
        return sign === '+' ? x + y : sign === '-' ? x - y : x * y;
      },
    };
  });
const value = fc.oneof(field, arithmetic);

const comparison: fc.Arbitrary<OfElement<Truth>> = fc
  .tuple(value, fc.constantFrom('<', '>=', '=', '<>'), fc.oneof(half, fc.constant('n' as const)))
  .map(([a, sign, b]) => ({
    text: (nest) => `${a.text(nest)} ${sign} ${b === 'n' ? '(n % 3)' : `(${b.toFixed(1)})`}`,
    fields: a.fields,
    of: (e, row) => {
      const x = a.of(e, row);
      const y = b === 'n' ? row.n % 3 : b;
      if (x === null) return null;
      return sign === '<' ? x < y : sign === '>=' ? x >= y : sign === '=' ? x === y : x !== y;
    },
  }));
const known: fc.Arbitrary<OfElement<Truth>> = field.map((a) => ({
  text: (nest) => `${a.text(nest)} IS NOT NULL`,
  fields: a.fields,
  of: (e, row) => a.of(e, row) !== null,
}));
/** What a filter of elements says. */
export const condition: fc.Arbitrary<OfElement<Truth>> = fc
  .tuple(
    fc.oneof(comparison, known),
    fc.constantFrom('', 'and', 'or', 'not'),
    fc.oneof(comparison, known),
  )
  .map(([a, link, b]) => {
    if (link === '') return a;
    if (link === 'not') {
      const of = (e: Element, row: NestRow) => not(a.of(e, row));
      return { text: (nest) => `not (${a.text(nest)})`, fields: a.fields, of };
    }
    const decides = link === 'or';
    return {
      text: (nest) => `(${a.text(nest)}) ${link} (${b.text(nest)})`,
      fields: [...a.fields, ...b.fields],
      of: (e, row) => {
        const truths = [a.of(e, row), b.of(e, row)];
        if (truths.includes(decides)) return decides;
        return truths.includes(null) ? null : !decides;
      },
    };
  });

function not(truth: Truth): Truth {
  return truth === null ? null : !truth;
}

/** Something said of a row. */
export interface OfRow {
  readonly text: (nest: string) => string;
  readonly of: (row: NestRow, column: 'lc' | 'ls') => number | boolean | null;
}

const AGGREGATES: Readonly<
  Record<string, (all: readonly Value[], known: readonly number[]) => Value>
> = {
  count: (_, known) => known.length,
  sum: (_, known) => (known.length === 0 ? null : sumOf(known)),
  mean: (_, known) => (known.length === 0 ? null : sumOf(known) / known.length),
  min: (_, known) => (known.length === 0 ? null : Math.min(...known)),
  max: (_, known) => (known.length === 0 ? null : Math.max(...known)),
  median: (_, known) => medianOf(known),
  first: (all) => all[0] ?? null,
  last: (all) => all.at(-1) ?? null,
};

function sumOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function medianOf(values: readonly number[]): Value {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
}

const aggregate: fc.Arbitrary<OfRow> = fc
  .tuple(fc.constantFrom(...Object.keys(AGGREGATES)), value)
  .map(([name, inner]) => ({
    text: (nest) => `${name}(${inner.text(nest)})`,
    of: (row, column) => {
      const all = elementsOf(nestOf(row, column), inner.fields)?.map((e) => inner.of(e, row));
      if (all === undefined) return null;
      const known = all.filter((v): v is number => v !== null && !Number.isNaN(v));
      return AGGREGATES[name]!(all, known);
    },
  }));
const anyOrAll: fc.Arbitrary<OfRow> = fc
  .tuple(fc.constantFrom('any', 'all'), comparison)
  .map(([name, inner]) => ({
    text: (nest) => `bool_${name === 'any' ? 'or' : 'and'}(${inner.text(nest)})`,
    of: (row, column) => {
      const all = elementsOf(nestOf(row, column), inner.fields)?.map((e) => inner.of(e, row));
      const known = all?.filter((truth) => truth !== null) ?? [];
      if (known.length === 0) return null;
      return name === 'any' ? known.includes(true) : !known.includes(false);
    },
  }));
const length: fc.Arbitrary<OfRow> = fc.constantFrom('', ...FIELDS).map((name) => ({
  text: (nest) => `len(${name === '' ? nest : `${nest}.${name}`})`,
  of: (row, column) =>
    nestOf(row, column)?.[name === '' ? 'm' : (name as FieldName)]?.length ?? null,
}));
const at: fc.Arbitrary<OfRow> = fc
  .tuple(fc.constantFrom(...FIELDS), fc.constantFrom(1, 3, -1))
  .map(([name, place]) => ({
    text: (nest) => `${nest}.${name}[${place}]`,
    of: (row, column) => nestOf(row, column)?.[name]?.at(place > 0 ? place - 1 : place) ?? null,
  }));

/** A value for each row. */
export const ofRow: fc.Arbitrary<OfRow> = fc.oneof(
  { weight: 5, arbitrary: aggregate },
  { weight: 1, arbitrary: anyOrAll },
  { weight: 1, arbitrary: length },
  { weight: 1, arbitrary: at },
);

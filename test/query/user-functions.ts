/** User code of the tests, loaded in workers. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { threadId } from 'node:worker_threads';
import { makeVector, Table, vectorFromArray } from 'apache-arrow';

type Row = Readonly<Record<string, unknown>>;
interface Context {
  // biome-ignore lint/suspicious/noExplicitAny: what each test passes
  readonly constants: any;
  readonly setup: { readonly thread: number; readonly kept: [Float64Array, number][] };
}

/** Leaves a file for each call, where a test asks for it. */
export function setup(constants: Context['constants']) {
  if (constants?.marks !== undefined) {
    writeFileSync(path.join(constants.marks, `${threadId}-${process.hrtime.bigint()}`), '');
  }
  return { thread: threadId, kept: [] };
}

export function thread(_row: Row, context: Context) {
  return { thread: context.setup.thread, own: threadId };
}

/** What a row's properties are: the kinds of their values, and the values as text. */
export function describeRow(row: Row) {
  return { told: JSON.stringify(told(row)) };
}

/** What the constants are, in the same form. */
export function describeConstants(_row: Row, { constants }: Context) {
  return { told: JSON.stringify(told(constants)) };
}

/** Values with their kinds, as far as a test can compare them after JSON. */
export function told(value: unknown): unknown {
  if (value === null) return 'null';
  if (typeof value !== 'object') return `${typeof value} ${String(value)}`;
  if (value instanceof Date) return `Date ${value.toISOString()}`;
  if (value instanceof RegExp || value instanceof Error) return String(value);
  if (value instanceof ArrayBuffer) return `ArrayBuffer ${new Uint8Array(value).join(' ')}`;
  if (ArrayBuffer.isView(value)) {
    return `${value.constructor.name} ${[...(value as unknown as Iterable<unknown>)].join(' ')}`;
  }
  if (value instanceof Map) return { Map: [...value].map((pair) => pair.map(told)) };
  if (value instanceof Set) return { Set: [...value].map(told) };
  if (Array.isArray(value)) return value.map(told);
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, told(part)]));
}

/** Gives back the values of `n` in every type. */
export function everyType({ n, id }: { n: number; id: bigint }) {
  const missing = n % 5 === 4;
  const length = n % 4;
  const list = <T>(make: (i: number) => T) => Array.from({ length }, (_, i) => make(i));
  return {
    boolean: missing ? null : n % 2 === 0,
    integer: missing ? undefined : 1 - n,
    bigint: missing ? null : id,
    float: missing ? null : n / 3,
    double: missing ? null : n % 3 === 0 ? Number.NaN : n / 3,
    string: missing ? null : `é${n}`,
    booleans: missing ? null : list((i) => (i === 1 ? null : i % 2 === 0)),
    integers: missing ? null : Int16Array.from(list((i) => n - i)),
    bigints: missing ? null : BigInt64Array.from(list((i) => id + BigInt(i))),
    floats: missing ? null : Float32Array.from(list((i) => i / 3)),
    doubles: missing ? null : n % 2 ? list((i) => (i === 0 ? null : i)) : Float64Array.of(n),
    strings: missing ? null : list((i) => 'x'.repeat(i)),
  };
}

/** Whether all slices of this worker so far still hold what they did. */
export function keepSlices(
  { lc }: { lc: { t: Float64Array } | null },
  { setup: { kept } }: Context,
) {
  const sum = (values: Float64Array) => values.reduce((a, b) => a + b, 0);
  if (lc !== null) kept.push([lc.t, sum(lc.t)]);
  return {
    slices: kept.length,
    buffers: new Set(kept.map(([values]) => values.buffer)).size,
    same: kept.every(([values, was]) => Object.is(sum(values), was)),
  };
}

/** Throws on some rows and returns wrong things on others. */
export async function flaky({ n }: { n: number }) {
  if (n % 10 === 3) throw new RangeError(`no ${n}`);
  if (n % 10 === 7) return { v: 'seven' };
  if (n % 10 === 8) await Promise.reject('a text');
  return { v: n };
}

export function forever() {
  for (;;);
}

export function neverSettles() {
  return new Promise(() => {});
}

export function exit() {
  process.exit(3);
}

/** Takes 4 GB, unless it is stopped. */
export function hog() {
  const all: Float64Array[] = [];
  for (let i = 0; i < 128; i++) all.push(new Float64Array(2 ** 22).fill(i));
  return { v: all.length };
}

export const noFunction = 1;

export function sameTable(table: Table) {
  return table;
}

/** Every other row moved by a degree, with where it was. */
export async function moved(
  table: Table,
  { pixel, constants }: { pixel: { order: number; pixel: number }; constants: { by: number } },
) {
  const rows = table.toArray().filter((_, i) => i % 2 === 0);
  const numbers = (name: string) => Float64Array.from(rows, (row) => Number(row?.[name]));
  return new Table({
    n: makeVector(Int32Array.from(numbers('n'))),
    ra: makeVector(numbers('ra').map((ra) => ra + constants.by)),
    dec: makeVector(numbers('dec')),
    cell: vectorFromArray(rows.map(() => `${pixel.order}/${pixel.pixel}`)),
  });
}

export function nothing(table: Table) {
  return table.slice(0, 0);
}

export function noTable() {
  return { rows: [] };
}

export function throwing() {
  throw new RangeError('no such partition');
}

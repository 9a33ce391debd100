/** Columns in the making out of what user code returns, row by row, each value checked against its type. */
import type { TableColumn } from '../session.ts';
import type { OutputColumn, OutputElement } from './types.ts';

/** Says what is wrong with a returned value. */
export class WrongOutput extends Error {
  /** What the user can do about it. */
  readonly hint: string | undefined;

  constructor(message: string, hint?: string) {
    super(message);
    this.hint = hint;
  }
}

const TYPES_HINT = 'Without returns: { name: type } the first rows decide what all rows have.';

type Numbers =
  | Float64Array
  | Float32Array
  | Int32Array
  | BigInt64Array
  | BigUint64Array
  | Uint8Array;

const ARRAYS: Readonly<Record<Exclude<OutputElement, 'VARCHAR'>, new (length: number) => Numbers>> =
  {
    BOOLEAN: Uint8Array,
    INTEGER: Int32Array,
    BIGINT: BigInt64Array,
    UBIGINT: BigUint64Array,
    FLOAT: Float32Array,
    DOUBLE: Float64Array,
  };

/** Typed arrays a value of each list type is taken from as it is. */
const SAME_ARRAY: Readonly<
  Record<OutputElement, readonly (abstract new (...args: never) => unknown)[]>
> = {
  BOOLEAN: [],
  INTEGER: [Int32Array, Int16Array, Int8Array, Uint8Array, Uint16Array],
  BIGINT: [BigInt64Array],
  UBIGINT: [BigUint64Array],
  FLOAT: [Float32Array],
  DOUBLE: [
    Float64Array,
    Float32Array,
    Int32Array,
    Int16Array,
    Int8Array,
    Uint8Array,
    Uint16Array,
    Uint32Array,
  ],
  VARCHAR: [],
};

const LEAST_CAPACITY = 1024;

/** The values of one column so far. */
class Builder {
  readonly #column: OutputColumn;
  #length = 0;
  #numbers: Numbers | null;
  readonly #texts: string[] = [];
  #valid: Uint8Array | null = null;
  readonly #ends: number[] = [];
  readonly #nullLists: number[] = [];

  constructor(column: OutputColumn) {
    this.#column = column;
    this.#numbers =
      column.element === 'VARCHAR' ? null : new ARRAYS[column.element](LEAST_CAPACITY);
  }

  /** Adds the value of one row; null and undefined are null. */
  add(value: unknown): void {
    const { list } = this.#column;
    if (!list) {
      this.#addElement(value);
      return;
    }
    if (value === null || value === undefined) this.#nullLists.push(this.#ends.length);
    else this.#addList(value);
    this.#ends.push(this.#length);
  }

  /** Forgets what came after the first `rows` rows. */
  truncate(rows: number): void {
    if (this.#column.list) {
      this.#ends.length = Math.min(this.#ends.length, rows);
      while ((this.#nullLists.at(-1) ?? -1) >= rows) this.#nullLists.pop();
      this.#length = this.#ends.at(-1) ?? 0;
    } else {
      this.#length = rows;
    }
    this.#texts.length = Math.min(this.#texts.length, this.#length);
    this.#valid?.fill(1, this.#length);
  }

  finish(): TableColumn {
    const { name, element, list } = this.#column;
    const valid = this.#valid === null ? {} : { valid: this.#valid.subarray(0, this.#length) };
    const values = this.#numbers === null ? this.#texts : this.#numbers.subarray(0, this.#length);
    const column = {
      name,
      values: values as TableColumn['values'],
      ...(element === 'BOOLEAN' ? { boolean: true } : {}),
      ...valid,
    };
    if (!list) return column;
    const listValid = new Uint8Array(this.#ends.length).fill(1);
    for (const row of this.#nullLists) listValid[row] = 0;
    return { ...column, ends: Uint32Array.from(this.#ends), listValid };
  }

  #addList(value: unknown): void {
    const { element } = this.#column;
    if (SAME_ARRAY[element].some((type) => value instanceof type)) {
      const array = value as Float64Array;
      this.#reserve(array.length);
      (this.#numbers as Float64Array).set(array, this.#length);
      this.#length += array.length;
      return;
    }
    if (!Array.isArray(value) && !(ArrayBuffer.isView(value) && !(value instanceof DataView))) {
      throw this.#wrong(value);
    }
    for (const item of value as unknown as Iterable<unknown>) this.#addElement(item);
  }

  #addElement(value: unknown): void {
    if (this.#numbers === null) {
      if (value === null || value === undefined) this.#markNull();
      else if (typeof value !== 'string') throw this.#wrong(value);
      this.#texts.push(typeof value === 'string' ? value : '');
      this.#length++;
      return;
    }
    this.#reserve(1);
    if (value === null || value === undefined) this.#markNull();
    else this.#numbers[this.#length] = this.#numberOf(value) as never;
    this.#length++;
  }

  #numberOf(value: unknown): number | bigint {
    switch (this.#column.element) {
      case 'DOUBLE':
      case 'FLOAT':
        if (typeof value === 'number') return value;
        break;
      case 'INTEGER':
        if (typeof value === 'number' && (value | 0) === value) return value;
        break;
      case 'BIGINT':
        if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return value;
        if (Number.isSafeInteger(value)) return BigInt(value as number);
        break;
      case 'UBIGINT':
        if (typeof value === 'bigint' && BigInt.asUintN(64, value) === value) return value;
        if (Number.isSafeInteger(value) && (value as number) >= 0) return BigInt(value as number);
        break;
      case 'BOOLEAN':
        if (typeof value === 'boolean') return value ? 1 : 0;
        break;
      default:
        break;
    }
    throw this.#wrong(value);
  }

  #markNull(): void {
    const needed = this.#length + 1;
    if (this.#valid === null || this.#valid.length < needed) {
      const more = new Uint8Array(Math.max(LEAST_CAPACITY, 2 * needed)).fill(1);
      if (this.#valid !== null) more.set(this.#valid);
      this.#valid = more;
    }
    this.#valid[this.#length] = 0;
  }

  #reserve(count: number): void {
    const numbers = this.#numbers!;
    const needed = this.#length + count;
    if (needed <= numbers.length) return;
    const more = new (numbers.constructor as new (length: number) => Numbers)(
      Math.max(needed, 2 * numbers.length),
    );
    more.set(numbers as never);
    this.#numbers = more;
  }

  #wrong(value: unknown): WrongOutput {
    const { name, element, list } = this.#column;
    const type = `${element}${list ? '[]' : ''}`;
    return new WrongOutput(`${name} is ${shown(value)}, which is no ${type}`, TYPES_HINT);
  }
}

/** Collects the rows that user code returns. */
export class Outputs {
  readonly #columns: readonly OutputColumn[];
  readonly #builders: readonly Builder[];
  readonly #known: ReadonlySet<string>;
  #rows = 0;

  constructor(columns: readonly OutputColumn[]) {
    this.#columns = columns;
    this.#builders = columns.map((column) => new Builder(column));
    this.#known = new Set(columns.map(({ name }) => name));
  }

  get rows(): number {
    return this.#rows;
  }

  /** Adds what a call returned. Throws {@link WrongOutput} before anything of it is kept. */
  add(returned: unknown): void {
    const row = this.#rowOf(returned);
    try {
      for (const [c, builder] of this.#builders.entries()) {
        builder.add(row?.[this.#columns[c]!.name]);
      }
    } catch (error) {
      for (const builder of this.#builders) builder.truncate(this.#rows);
      throw error;
    }
    this.#rows++;
  }

  /** The columns; when there are none, nothing tells how many rows there were. */
  finish(): TableColumn[] {
    return this.#builders.map((builder) => builder.finish());
  }

  #rowOf(returned: unknown): Record<string, unknown> | null {
    const row = columnsIn(returned);
    if (row === null) return null;
    for (const name in row) {
      if (!this.#known.has(name)) {
        const names = [...this.#known].join(', ') || 'none';
        throw new WrongOutput(
          `it returned ${name}, which is none of the columns so far (${names})`,
          TYPES_HINT,
        );
      }
    }
    return row;
  }
}

/** What a call returned as an object of columns; null for nothing. Throws {@link WrongOutput} for anything else. */
export function columnsIn(returned: unknown): Record<string, unknown> | null {
  if (returned === null || returned === undefined) return null;
  if (typeof returned !== 'object' || isNoRow(returned)) {
    throw new WrongOutput(`it returned ${shown(returned)}, not an object of columns`);
  }
  return returned as Record<string, unknown>;
}

/** Arrays, maps, dates and their kin have no columns among their properties. */
function isNoRow(value: object): boolean {
  const { prototype } = Object;
  if (Object.getPrototypeOf(value) === prototype) return false;
  return (
    Symbol.iterator in value ||
    Symbol.asyncIterator in value ||
    ArrayBuffer.isView(value) ||
    ['Date', 'Error', 'RegExp', 'WeakMap', 'WeakSet', 'ArrayBuffer'].includes(
      prototype.toString.call(value).slice(8, -1),
    )
  );
}

export function shown(value: unknown): string {
  if (typeof value === 'string')
    return `the text '${value.length > 40 ? `${value.slice(0, 40)}…` : value}'`;
  if (typeof value === 'bigint') return `the bigint ${value}n`;
  if (typeof value === 'object' && value !== null)
    return `a value of the kind ${value.constructor?.name ?? 'object'}`;
  return String(value);
}

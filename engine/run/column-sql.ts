/** Names of the columns that a gather brings together, and SQL over them. */
import { quoteName, quoteText } from '../expression/quote.ts';
import { mapColumns } from '../expression/rename.ts';
import type { BoundColumn, ColumnRef, Computation } from '../task.ts';
import { type Leaves, refKey, type StoredColumn, storedKey } from './leaves.ts';

/** The SQL of columns, once everything they are made of is in one relation. */
export class ColumnSql {
  readonly #names = new Map<string, string>();
  readonly #computations: readonly Computation[];

  constructor(leaves: Leaves, computations: readonly Computation[]) {
    this.#computations = computations;
    for (const [scan, stored] of leaves.scans) {
      this.#add(
        `s${scan}`,
        stored.map((of) => storedName(scan, of)),
      );
    }
    for (const [step, columns] of leaves.made) {
      this.#add(
        `m${step}`,
        columns.map(({ name }) => madeName(step, name)),
      );
    }
    for (const [step, columns] of leaves.exploded) {
      this.#add(
        `v${step}`,
        columns.map((column) => stepName('exploded', step, column)),
      );
    }
    for (const [step, columns] of leaves.gathered) {
      this.#add(
        `g${step}`,
        columns.map((column) => stepName('gathered', step, column)),
      );
    }
  }

  /** What a computation is called. */
  computedName(number: number): string {
    return `x${number}`;
  }

  /** SQL of a computation. */
  computation(number: number): string {
    const { sql, inputs } = this.#computations[number]!;
    const refs = new Map(inputs.map(({ name, ref }) => [name, ref]));
    return mapColumns(sql, (name) => this.value(refs.get(name)!, ''));
  }

  /** SQL of a column; `from` stands before every name. */
  value(ref: ColumnRef, from: string): string {
    switch (ref.kind) {
      case 'scan':
        return from + this.#names.get(storedName(ref.scan, ref))!;
      case 'distance':
        // No match is NaN in typed arrays and null in tables.
        return `nullif(${from}d${ref.match}, 'nan'::DOUBLE)`;
      case 'index':
        return `${from}h`;
      case 'row':
        return `${from}r${ref.scan}`;
      case 'element':
        return `${from}e${ref.step}`;
      case 'exploded':
        return from + this.#names.get(stepName('exploded', ref.step, ref.column))!;
      case 'made':
        return from + this.#names.get(madeName(ref.step, ref.column))!;
      case 'gathered':
        return from + this.#names.get(stepName('gathered', ref.step, ref.column))!;
      case 'computed':
        return from + this.computedName(ref.number);
      case 'nest':
        return this.#nest(ref.fields, from);
      default:
        throw new Error(`unknown column reference ${JSON.stringify(ref satisfies never)}`);
    }
  }

  #add(prefix: string, keys: readonly string[]): void {
    for (const [i, key] of keys.entries()) this.#names.set(key, `${prefix}_${i}`);
  }

  #nest(fields: readonly BoundColumn[], from: string): string {
    const values = fields.map(({ ref }) => this.value(ref, from));
    const pack = fields.map(({ name }, i) => `${quoteText(name)}: ${values[i]}`);
    const absent = values.map((value) => `${value} IS NULL`).join(' AND ');
    return `CASE WHEN ${absent} THEN NULL ELSE {${pack.join(', ')}} END`;
  }
}

/** The `SELECT` list of columns whose SQL is known. */
export function selectList(
  columns: readonly BoundColumn[],
  expressions: readonly string[],
): string {
  return columns.map(({ name }, i) => `${expressions[i]} AS ${quoteName(name)}`).join(', ');
}

function storedName(scan: number, of: StoredColumn): string {
  return `${scan}${storedKey(of)}`;
}

function madeName(step: number, column: string): string {
  return `made${JSON.stringify([step, column])}`;
}

function stepName(kind: 'exploded' | 'gathered', step: number, { ref }: BoundColumn): string {
  return `${kind}${step}${refKey(ref)}`;
}

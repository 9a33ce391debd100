/** SQL that brings stored, made and nested columns to rows of numbers, one join after the other. */
import { ROW_NUMBER } from './relation.ts';

/** A `FROM` clause in the making: each step wraps what was there. */
export class JoinChain {
  source: string;
  readonly #carried: string[];

  constructor(table: string, carried: readonly string[]) {
    this.source = table;
    this.#carried = [...carried];
  }

  /** Brings in a relation's columns c0, c1, … as `<prefix>_0`, `<prefix>_1`, … by its row number. */
  join(
    relation: { readonly sql: string; readonly columns: number; readonly prefix: string },
    key: string,
    hasMissing: boolean,
  ): void {
    const { sql, columns, prefix } = relation;
    const names = Array.from({ length: columns }, (_, c) => `${prefix}_${c}`);
    const list = [
      ...this.#carried.map((name) => `b.${name} AS ${name}`),
      ...names.map((name, c) => `a.c${c} AS ${name}`),
    ];
    const join = hasMissing ? 'RIGHT JOIN' : 'JOIN';
    this.source = `(SELECT ${list.join(', ')} FROM (${sql}) a ${join} ${this.source} b ON a.${ROW_NUMBER} = b.${key})`;
    this.#carried.push(...names);
  }

  /** Brings in the values v0, v1, … of the elements of an explode step. */
  elements(sql: string, step: number, columns: number): void {
    const names = Array.from({ length: columns }, (_, c) => `v${step}_${c}`);
    const list = ['b.*', ...names.map((name, c) => `a.v${c} AS ${name}`)];
    this.source = `(SELECT ${list.join(', ')} FROM (${sql}) a RIGHT JOIN ${this.source} b ON a.b = b.b${step} AND a.i = b.e${step})`;
    this.#carried.push(...names);
  }

  /** Brings in lists l0, l1, … as these columns of a nest step; a row without any gets null. */
  lists(sql: string, step: number, columns: readonly number[]): void {
    const names = columns.map((c) => `g${step}_${c}`);
    const list = ['b.*', ...names.map((name, c) => `a.l${c} AS ${name}`)];
    this.source = `(SELECT ${list.join(', ')} FROM (${sql}) a RIGHT JOIN ${this.source} b ON a.n = b.n)`;
    this.#carried.push(...names);
  }

  compute(name: string, sql: string): void {
    this.source = `(SELECT *, ${sql} AS ${name} FROM ${this.source})`;
    this.#carried.push(name);
  }
}

/**
 * Which stars a ZTF-like catalog has measured again, and how many rows each stretch of stars is worth.
 *
 * Rows are dealt out along the running number of the stars: before star t lie ⌊t·rows/stars⌋ rows, so the rows
 * of every stretch of the NESTED curve follow from the stars before and in it, and add up exactly. Scattered
 * counterparts may leave their atom; unrelated sources fill up what each atom is due.
 */
import type { GenerateSpec } from './spec.ts';

/** At most this share of the stars have a counterpart … */
export const MAX_STAR_SHARE = 0.7;
/** … and at most this share of the rows are one: the others are seen by the repeated survey alone. */
export const MAX_ROW_SHARE = 0.9;

/** ⌊value·to/of⌋ without rounding, for whole numbers up to 10¹⁰. */
function scaled(value: number, to: number, of: number): number {
  const product = value * to;
  if (product <= Number.MAX_SAFE_INTEGER) return Math.floor(product / of);
  return Number((BigInt(value) * BigInt(to)) / BigInt(of));
}

/** The rest that {@link scaled} drops: value·to modulo of. */
function scaledRest(value: number, to: number, of: number): number {
  return Number((BigInt(value) * BigInt(to)) % BigInt(of));
}

export class CounterpartRule {
  readonly stars: number;
  readonly rows: number;
  /** Stars that have a counterpart. */
  readonly matched: number;

  constructor({ rows, counterpartOf }: GenerateSpec) {
    this.rows = rows;
    this.stars = counterpartOf?.rows ?? rows;
    // A catalog of its own has a row for each of its own stars.
    this.matched =
      counterpartOf === undefined
        ? rows
        : Math.floor(Math.min(MAX_STAR_SHARE * this.stars, MAX_ROW_SHARE * rows));
  }

  /** Rows that belong to the stars before star `star`. */
  rowsBefore(star: number): number {
    return scaled(star, this.rows, this.stars);
  }

  /** Stars with a counterpart before star `star`. */
  matchedBefore(star: number): number {
    if (this.rows >= this.stars) return scaled(star, this.matched, this.stars);
    return scaled(this.rowsBefore(star), this.matched, this.rows);
  }

  /**
   * Marks with 1 those of the `count` stars from star `from` on that have a counterpart: where
   * {@link matchedBefore} rises. Every star is worth a row when there are as many rows as stars, else the
   * stars with a counterpart are among those worth a row, so that an atom has room for its own.
   */
  mark(from: number, count: number, out: Uint8Array): void {
    const { stars, rows, matched } = this;
    if (rows >= stars) {
      let rest = scaledRest(from, matched, stars);
      for (let i = 0; i < count; i++) {
        rest += matched;
        out[i] = rest >= stars ? 1 : 0;
        if (rest >= stars) rest -= stars;
      }
      return;
    }
    let rowRest = scaledRest(from, rows, stars);
    let rest = scaledRest(this.rowsBefore(from), matched, rows);
    for (let i = 0; i < count; i++) {
      out[i] = 0;
      rowRest += rows;
      if (rowRest < stars) continue;
      rowRest -= stars;
      rest += matched;
      if (rest < rows) continue;
      rest -= rows;
      out[i] = 1;
    }
  }
}

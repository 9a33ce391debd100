/** Positions in degrees: any finite right ascension, |dec| ≤ 90, which the caller guarantees. */
export interface Positions {
  readonly ra: Float64Array;
  readonly dec: Float64Array;
  /** Rows in use; the arrays may be longer. */
  readonly length: number;
}

/** Memory that is used again and again, one use after the other: fresh pages cost as much as filling them. */

/** Longer pieces get memory of their own, which goes with them. */
const MOST_BYTES = 1 << 24;

export class KeptBytes {
  #bytes = new Uint8Array(0);

  /** So many bytes; the next call may give the same ones. */
  take(length: number): Uint8Array<ArrayBuffer> {
    if (length > MOST_BYTES) return new Uint8Array(length);
    if (this.#bytes.length < length) this.#bytes = new Uint8Array(Math.ceil(1.1 * length));
    return this.#bytes.subarray(0, length);
  }
}

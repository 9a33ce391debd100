/** The texts of a column: bytes one after the other, and where each text lies in them. A text is known by its number. */
export class TextHeap {
  #bytes = new Uint8Array(1 << 12);
  #used = 0;
  #starts = new Uint32Array(1 << 8);
  #lengths = new Uint32Array(1 << 8);
  #count = 0;
  readonly #known = new Map<string, number>();
  readonly #mostBytes: number;
  /** Whether there were more bytes than it takes. */
  isFull = false;

  /** Of at most so many bytes of texts. */
  constructor(mostBytes = 2 ** 32) {
    this.#mostBytes = Math.min(2 ** 32, Math.floor(mostBytes));
  }

  /** Texts are numbered below it. */
  get count(): number {
    return this.#count;
  }

  /** The bytes of text `number`. */
  get(number: number): Uint8Array {
    const start = this.#starts[number]!;
    return this.#bytes.subarray(start, start + this.#lengths[number]!);
  }

  /** Equal for equal texts. */
  keyOf(number: number): string {
    return keyOf(this.#bytes, this.#starts[number]!, this.#lengths[number]!);
  }

  lengthOf(number: number): number {
    return this.#lengths[number]!;
  }

  /** Copies text `number` to `target`, from `at` on; returns where it ends. */
  copyTo(number: number, target: Uint8Array, at: number): number {
    const bytes = this.#bytes;
    const start = this.#starts[number]!;
    const length = this.#lengths[number]!;
    // They are short: a call for each would cost more.
    for (let i = 0; i < length; i++) target[at + i] = bytes[start + i]!;
    return at + length;
  }

  /**
   * Takes a run of bytes in; returns where its first byte lies here.
   * @throws RangeError where they are too many
   */
  take(bytes: Uint8Array): number {
    const start = this.#used;
    const end = start + bytes.length;
    if (end > this.#mostBytes) {
      this.isFull = true;
      throw new RangeError(`texts of more than ${this.#mostBytes} bytes`);
    }
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(
        Math.min(this.#mostBytes, Math.max(end, 2 * this.#bytes.length)),
      );
      grown.set(this.#bytes.subarray(0, start));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, start);
    this.#used = end;
    return start;
  }

  /** A text that lies in bytes taken in; returns its number. */
  add(start: number, length: number): number {
    if (this.#count === this.#starts.length) {
      this.#starts = doubled(this.#starts);
      this.#lengths = doubled(this.#lengths);
    }
    this.#starts[this.#count] = start;
    this.#lengths[this.#count] = length;
    return this.#count++;
  }

  /** The same, or the number of an equal text that was added in this way. */
  addOnce(start: number, length: number): number {
    const key = keyOf(this.#bytes, start, length);
    let number = this.#known.get(key);
    if (number === undefined) {
      number = this.add(start, length);
      this.#known.set(key, number);
    }
    return number;
  }

  /** Whether text `a` comes before text `b`, byte by byte. */
  less(a: number, b: number): boolean {
    return Buffer.compare(this.get(a), this.get(b)) < 0;
  }
}

function keyOf(bytes: Uint8Array<ArrayBuffer>, start: number, length: number): string {
  return Buffer.from(bytes.buffer, start, length).toString('latin1');
}

function doubled(values: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const grown = new Uint32Array(2 * values.length);
  grown.set(values);
  return grown;
}

/**
 * Seeded randomness in 32-bit integer arithmetic: the same numbers on every platform, and a stream of its
 * own for every place of the sky, so that nothing depends on what was generated before.
 */

/** What a stream is for: streams of one place with different purposes are independent. */
export const PURPOSE = {
  texture: 1,
  clump: 2,
  place: 3,
  light: 4,
  motion: 5,
  scatter: 6,
  filler: 7,
  measure: 8,
} as const;

export type Purpose = (typeof PURPOSE)[keyof typeof PURPOSE];

const TWO_32 = 2 ** 32;

/** One round of MurmurHash3 (Appleby, public domain): absorbs a 32-bit word. */
function absorb(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = Math.imul((k << 15) | (k >>> 17), 0x1b873593);
  const h = hash ^ k;
  return (Math.imul((h << 13) | (h >>> 19), 5) + 0xe6546b64) | 0;
}

/** MurmurHash3's finaliser: every input bit reaches every output bit. */
function finish(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function hashPlace(
  start: number,
  seed: number,
  purpose: number,
  order: number,
  pixel: number,
): number {
  let h = absorb(start, seed | 0);
  h = absorb(h, Math.floor(seed / TWO_32));
  h = absorb(h, (purpose << 8) | order);
  h = absorb(h, pixel | 0);
  h = absorb(h, Math.floor(pixel / TWO_32));
  return finish(h);
}

/** A number in (0, 1) that is a pure function of its arguments. */
export function drawAt(seed: number, purpose: Purpose, order: number, pixel: number): number {
  return ((hashPlace(0x2545f491, seed, purpose, order, pixel) >>> 0) + 0.5) / TWO_32;
}

/**
 * The generator xoshiro128** (D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators",
 * 2021; public domain): 128 bits of state, period 2¹²⁸ − 1.
 */
export class RandomStream {
  private s0 = 1;
  private s1 = 0;
  private s2 = 0;
  private s3 = 0;

  /** Starts the stream of one place and purpose: two independent 32-bit hashes fill the state. */
  startAt(seed: number, purpose: Purpose, order: number, pixel: number): void {
    const a = hashPlace(0x9e3779b9, seed, purpose, order, pixel);
    const b = hashPlace(0x7f4a7c15, seed, purpose, order, pixel);
    this.s0 = a;
    this.s1 = b;
    this.s2 = finish(a + 0x6a09e667);
    // The state must not be zero everywhere.
    this.s3 = finish(b + 0x3c6ef372) | 1;
  }

  /** The next 32 bits, as a signed integer. */
  private next(): number {
    const s1 = this.s1;
    const times5 = Math.imul(s1, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9);
    const s2 = this.s2 ^ this.s0;
    const s3 = this.s3 ^ s1;
    this.s1 = s1 ^ s2;
    this.s0 = this.s0 ^ s3;
    this.s2 = s2 ^ (s1 << 9);
    this.s3 = (s3 << 11) | (s3 >>> 21);
    return result;
  }

  /** Uniform in the open interval (0, 1), a multiple of 2⁻³³. */
  uniform(): number {
    return ((this.next() >>> 0) + 0.5) / TWO_32;
  }
}

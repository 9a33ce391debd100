/** Pages of texts: few different ones as a dictionary, others as lengths and bytes. */
import { pageValues } from './page-loops.ts';
import { type Bounds, ENCODING, type EncodedValues } from './parquet-page-write.ts';
import type { TextHeap } from './text-heap.ts';

/** More different texts than these are not looked up. */
const MOST_ENTRIES = 1000;
/** Bounds that are longer are left out. */
const MOST_BOUND_BYTES = 64;

/** Bytes of the texts of a page at most; the format has room for 2³¹. */
const MOST_PAGE_BYTES = 1 << 26;

/** Encodes the texts of these numbers, of which there is one at least; null where they are too long for a page. */
export function encodeTexts(heap: TextHeap, numbers: Int32Array): EncodedValues | null {
  const codes = pageValues(numbers.length, 4);
  const texts = codesOf(heap, numbers, codes.words);
  if (texts === null) return encodeLengths(heap, numbers);
  const bits = Math.max(1, 32 - Math.clz32(texts.length - 1));
  const entries = plainTexts(heap, texts);
  if (entries === null) return null;
  const run = codes.run(numbers.length, bits);
  const bytes = new Uint8Array(1 + run.length);
  bytes[0] = bits;
  bytes.set(run, 1);
  return {
    encoding: ENCODING.dictionary,
    bytes,
    bounds: boundsOf(heap, texts),
    dictionary: { entries: texts.length, bytes: entries },
  };
}

/**
 * Numbers the different texts as they first appear; null: they are too many. The same texts may have several numbers in a heap,
 * which depends on how they were stored: what is written must not.
 */
function codesOf(heap: TextHeap, numbers: Int32Array, codes: Int32Array): Int32Array | null {
  const byNumber = new Int32Array(heap.count).fill(-1);
  const byText = new Map<string, number>();
  const texts: number[] = [];
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!;
    if (byNumber[number]! < 0) {
      const text = heap.keyOf(number);
      let code = byText.get(text);
      if (code === undefined) {
        if (texts.length === MOST_ENTRIES) return null;
        code = texts.push(number) - 1;
        byText.set(text, code);
      }
      byNumber[number] = code;
    }
    codes[i] = byNumber[number]!;
  }
  return Int32Array.from(texts);
}

function encodeLengths(heap: TextHeap, numbers: Int32Array): EncodedValues | null {
  const lengths = pageValues(numbers.length, 4);
  let total = 0;
  for (let i = 0; i < numbers.length; i++) {
    const length = heap.lengthOf(numbers[i]!);
    lengths.words[i] = length;
    total += length;
  }
  if (total > MOST_PAGE_BYTES) return null;
  const packed = lengths.deltas(numbers.length);
  const bytes = new Uint8Array(packed.length + total);
  bytes.set(packed);
  let at = packed.length;
  for (const number of numbers) at = heap.copyTo(number, bytes, at);
  return { encoding: ENCODING.deltaLengths, bytes, bounds: boundsOf(heap, numbers) };
}

/** Each with its length before it; null where that is too long for a page. */
function plainTexts(heap: TextHeap, numbers: Int32Array): Uint8Array | null {
  let total = 0;
  for (const number of numbers) total += 4 + heap.lengthOf(number);
  if (total > MOST_PAGE_BYTES) return null;
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const number of numbers) {
    view.setUint32(at, heap.lengthOf(number), true);
    at = heap.copyTo(number, bytes, at + 4);
  }
  return bytes;
}

function boundsOf(heap: TextHeap, numbers: Int32Array): Bounds | null {
  let least = numbers[0]!;
  let most = least;
  for (let i = 1; i < numbers.length; i++) {
    const number = numbers[i]!;
    if (heap.less(number, least)) least = number;
    else if (heap.less(most, number)) most = number;
  }
  const bounds = [heap.get(least).slice(), heap.get(most).slice()] as const;
  return bounds.some(({ length }) => length > MOST_BOUND_BYTES) ? null : bounds;
}

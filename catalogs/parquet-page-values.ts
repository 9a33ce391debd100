/** Values of pages of flat columns, decoded as far as they are simple. */
import { isAscii, isUtf8 } from 'node:buffer';
import { inBlocks } from '../partitioning/in-blocks.ts';
import { joinStreams, unpackDeltas, unpackRuns, type Width } from './page-loops.ts';
import type { TextHeap } from './text-heap.ts';

/** Where the values of a chunk go. */
export interface ChunkTarget {
  /** Bytes of a value. Booleans take four, texts are numbers of four. */
  readonly width: Width;
  /** For each row its value; what stands there for a null means nothing. */
  readonly values: Uint8Array;
  /** For each row whether it has a value, all 1 at first; null: a chunk with nulls is not simple. */
  readonly valid: Uint8Array | null;
  /** Absent: numbers. */
  readonly form?: 'boolean' | TextHeap;
}

/** What is not simple. */
export class NotSimple extends Error {
  constructor() {
    super('not a simple page');
  }
}

/** Encoded values of a page, without levels. */
export interface EncodedPage {
  readonly encoding: string;
  /** Rows that have a value. */
  readonly present: number;
  readonly bytes: Uint8Array;
}

/** Entries of a dictionary as words; of texts their numbers. */
export function dictionaryOf(
  bytes: Uint8Array,
  count: number,
  { form, width }: ChunkTarget,
): Int32Array<ArrayBuffer> {
  if (form === 'boolean') throw new NotSimple();
  if (form !== undefined) {
    if (!(4 * count <= bytes.length)) throw new NotSimple();
    const numbers = new Int32Array(count);
    addPlainTexts(bytes, numbers, form, 'addOnce');
    return numbers;
  }
  // A copy, as it may lie anywhere.
  return new Int32Array(new Uint8Array(bytes.subarray(0, count * width)).buffer);
}

export function decodeValues(
  { encoding, bytes, present }: EncodedPage,
  dictionary: Int32Array,
  target: Uint8Array,
  { form, width }: ChunkTarget,
): void {
  if (present === 0) return;
  if (encoding === 'RLE_DICTIONARY' || encoding === 'PLAIN_DICTIONARY') {
    lookUp(bytes, dictionary, wordsOf(target), width);
  } else if (form === 'boolean') {
    decodeBooleans(encoding, bytes, wordsOf(target));
  } else if (form !== undefined) {
    decodeTexts(encoding, bytes, wordsOf(target), form);
  } else if (encoding === 'PLAIN' && bytes.length === target.length) {
    target.set(bytes);
  } else if (encoding === 'BYTE_STREAM_SPLIT' && bytes.length === target.length) {
    joinStreams(bytes, target, width);
  } else if (encoding !== 'DELTA_BINARY_PACKED' || unpackDeltas(bytes, target, width) < 0) {
    throw new NotSimple();
  }
}

function lookUp(bytes: Uint8Array, entries: Int32Array, words: Int32Array, width: Width): void {
  const values = (4 * words.length) / width;
  const bits = bytes[0]!;
  // More entries no dictionary has.
  if (!(bits <= 24)) throw new NotSimple();
  // Of no bits: all of them are the first.
  const numbers = bits === 0 ? new Int32Array(values) : unpackRuns(bytes.subarray(1), bits, values);
  const count = (4 * entries.length) / width;
  if (numbers === null) throw new NotSimple();
  inBlocks(values, (from, to) => {
    if (width === 4) lookUpWords(numbers, entries, words, from, to, count);
    else lookUpLongs(numbers, entries, words, from, to, count);
  });
}

function lookUpWords(
  numbers: Int32Array,
  entries: Int32Array,
  words: Int32Array,
  from: number,
  to: number,
  count: number,
): void {
  for (let i = from; i < to; i++) {
    const number = numbers[i]!;
    if (number >= count) throw new NotSimple();
    words[i] = entries[number]!;
  }
}

function lookUpLongs(
  numbers: Int32Array,
  entries: Int32Array,
  words: Int32Array,
  from: number,
  to: number,
  count: number,
): void {
  for (let i = from; i < to; i++) {
    const number = numbers[i]!;
    if (number >= count) throw new NotSimple();
    words[2 * i] = entries[2 * number]!;
    words[2 * i + 1] = entries[2 * number + 1]!;
  }
}

function decodeBooleans(encoding: string, bytes: Uint8Array, words: Int32Array): void {
  if (encoding === 'PLAIN') {
    if (8 * bytes.length < words.length) throw new NotSimple();
    for (let i = 0; i < words.length; i++) words[i] = (bytes[i >> 3]! >> (i & 7)) & 1;
    return;
  }
  if (encoding !== 'RLE') throw new NotSimple();
  const numbers = unpackRuns(bytes.subarray(4), 1, words.length);
  if (numbers === null) throw new NotSimple();
  words.set(numbers);
}

function decodeTexts(encoding: string, bytes: Uint8Array, words: Int32Array, heap: TextHeap): void {
  if (encoding === 'PLAIN') {
    addPlainTexts(bytes, words, heap, 'add');
    return;
  }
  if (encoding !== 'DELTA_LENGTH_BYTE_ARRAY') throw new NotSimple();
  const lengths = new Int32Array(words.length);
  const end = unpackDeltas(bytes, new Uint8Array(lengths.buffer), 4);
  if (end < 0) throw new NotSimple();
  const texts = bytes.subarray(end);
  const start = heap.take(texts);
  const isChecked = isAscii(texts);
  let at = 0;
  for (let i = 0; i < words.length; i++) {
    const length = lengths[i]!;
    if (!(length >= 0 && at + length <= texts.length)) throw new NotSimple();
    if (!isChecked) checkText(texts, at, length);
    words[i] = heap.add(start + at, length);
    at += length;
  }
}

/** Texts with their lengths before them; their numbers go to `numbers`. */
function addPlainTexts(
  bytes: Uint8Array,
  numbers: Int32Array,
  heap: TextHeap,
  add: 'add' | 'addOnce',
): void {
  const view = viewOf(bytes);
  const start = heap.take(bytes);
  // The lengths of short texts are no more than that either.
  const isChecked = isAscii(bytes);
  let at = 0;
  for (let i = 0; i < numbers.length; i++) {
    if (at + 4 > bytes.length) throw new NotSimple();
    const length = view.getUint32(at, true);
    at += 4;
    if (at + length > bytes.length) throw new NotSimple();
    if (!isChecked) checkText(bytes, at, length);
    numbers[i] = heap[add](start + at, length);
    at += length;
  }
}

/** The database refuses texts that are none, and says where. */
function checkText(bytes: Uint8Array, at: number, length: number): void {
  if (!isUtf8(bytes.subarray(at, at + length))) throw new NotSimple();
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Targets begin at whole words. */
function wordsOf(bytes: Uint8Array): Int32Array {
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

/** Values that stand one after the other to the rows that have one, from the last on, as they only move up. */
export function spread(
  values: Uint8Array,
  width: Width,
  levels: Uint8Array,
  present: number,
): void {
  const words = wordsOf(values);
  const rows = levels.length;
  let left = present;
  inBlocks(rows, (from, to) => {
    left = (width === 4 ? spreadWords : spreadLongs)(words, levels, rows - to, rows - from, left);
  });
}

/** Of rows [from, to); `left`: so many values go to these and the rows before them. Returns how many are left then. */
function spreadWords(
  words: Int32Array,
  levels: Uint8Array,
  from: number,
  to: number,
  left: number,
): number {
  let value = left;
  for (let row = to - 1; row >= from; row--) {
    value -= levels[row]!;
    // Rows without a value get any.
    words[row] = words[value]!;
  }
  return value;
}

function spreadLongs(
  words: Int32Array,
  levels: Uint8Array,
  from: number,
  to: number,
  left: number,
): number {
  let value = left;
  for (let row = to - 1; row >= from; row--) {
    value -= levels[row]!;
    words[2 * row] = words[2 * value]!;
    words[2 * row + 1] = words[2 * value + 1]!;
  }
  return value;
}

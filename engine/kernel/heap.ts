/** Squared chords with their rows in two parallel arrays, as a binary heap with the largest chord on top. */

/** Restores the heap below position `at`, in the first `length` entries. */
export function siftDown(chords: Float64Array, rows: Int32Array, at: number, length: number): void {
  const chord = chords[at]!;
  const row = rows[at]!;
  let hole = at;
  for (;;) {
    let child = 2 * hole + 1;
    if (child >= length) break;
    if (child + 1 < length && chords[child + 1]! > chords[child]!) child++;
    if (chords[child]! <= chord) break;
    chords[hole] = chords[child]!;
    rows[hole] = rows[child]!;
    hole = child;
  }
  chords[hole] = chord;
  rows[hole] = row;
}

/** Makes the first `length` entries a heap. */
export function heapify(chords: Float64Array, rows: Int32Array, length: number): void {
  for (let at = (length >> 1) - 1; at >= 0; at--) siftDown(chords, rows, at, length);
}

/** Sorts the first `length` entries by ascending chord; equal chords come in any order. */
export function sortByChord(chords: Float64Array, rows: Int32Array, length: number): void {
  if (length <= 24) {
    insertionSort(chords, rows, length);
    return;
  }
  heapify(chords, rows, length);
  for (let last = length - 1; last > 0; last--) {
    const chord = chords[last]!;
    const row = rows[last]!;
    chords[last] = chords[0]!;
    rows[last] = rows[0]!;
    chords[0] = chord;
    rows[0] = row;
    siftDown(chords, rows, 0, last);
  }
}

function insertionSort(chords: Float64Array, rows: Int32Array, length: number): void {
  for (let i = 1; i < length; i++) {
    const chord = chords[i]!;
    const row = rows[i]!;
    let hole = i;
    for (; hole > 0 && chords[hole - 1]! > chord; hole--) {
      chords[hole] = chords[hole - 1]!;
      rows[hole] = rows[hole - 1]!;
    }
    chords[hole] = chord;
    rows[hole] = row;
  }
}

/**
 * Merges sorted lists of numbers, such as the pixels of cells. The lists of cells hardly overlap: most of the time one
 * list is open and is read to its end.
 */

export class KeyMerge {
  readonly #lists: readonly ArrayLike<number>[];
  /** Lists in the order of their first keys, and how many of them have been opened. */
  readonly #queue: readonly number[];
  #opened = 0;
  /** First key of the next list to be opened. */
  #nextFirst: number;
  /** Next place in each list. */
  readonly #next: Float64Array;
  /** Open lists as a heap, the one with the lowest next key first. */
  readonly #heap: number[] = [];

  /** The key that {@link advance} has come to. */
  key = -1;
  /** Lists that have it, and where; `count` of each are meant. */
  readonly lists: number[] = [];
  readonly places: number[] = [];
  count = 0;

  /** @param lists each ascending without repeats */
  constructor(lists: readonly ArrayLike<number>[]) {
    this.#lists = lists;
    this.#next = new Float64Array(lists.length);
    this.#queue = Array.from(lists.keys())
      .filter((list) => lists[list]!.length > 0)
      .sort((a, b) => lists[a]![0]! - lists[b]![0]!);
    this.#nextFirst = this.#firstOf(0);
  }

  #firstOf(place: number): number {
    const list = this.#queue[place];
    return list === undefined ? Number.POSITIVE_INFINITY : this.#lists[list]![0]!;
  }

  /** Goes on to the next key; false where there is none. */
  advance(): boolean {
    if (this.#heap.length === 1 && this.#goOn()) return true;
    this.count = 0;
    this.#open();
    if (this.#heap.length === 0) return false;
    this.key = this.#keyOf(this.#heap[0]!);
    while (this.#heap.length > 0 && this.#keyOf(this.#heap[0]!) === this.key) this.#take();
    return true;
  }

  /** The next key of the only open list, where it is not its last one and no other list has come to it. */
  #goOn(): boolean {
    const list = this.#heap[0]!;
    const place = this.#next[list]!;
    const keys = this.#lists[list]!;
    const key = keys[place]!;
    if (place + 1 === keys.length || key >= this.#nextFirst) return false;
    this.key = key;
    this.lists[0] = list;
    this.places[0] = place;
    this.count = 1;
    this.#next[list] = place + 1;
    return true;
  }

  /** Opens the lists that start no later than the lowest key of the open ones. */
  #open(): void {
    while (this.#opened < this.#queue.length) {
      if (this.#heap.length > 0 && this.#nextFirst > this.#keyOf(this.#heap[0]!)) return;
      this.#heap.push(this.#queue[this.#opened++]!);
      this.#rise(this.#heap.length - 1);
      this.#nextFirst = this.#firstOf(this.#opened);
    }
  }

  #take(): void {
    const list = this.#heap[0]!;
    const place = this.#next[list]!;
    this.lists[this.count] = list;
    this.places[this.count] = place;
    this.count++;
    this.#next[list] = place + 1;
    if (place + 1 === this.#lists[list]!.length) {
      const last = this.#heap.pop()!;
      if (this.#heap.length === 0) return;
      this.#heap[0] = last;
    }
    if (this.#heap.length > 1) this.#sink();
  }

  #keyOf(list: number): number {
    return this.#lists[list]![this.#next[list]!]!;
  }

  #rise(from: number): void {
    const heap = this.#heap;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#keyOf(heap[parent]!) <= this.#keyOf(heap[at]!)) return;
      [heap[parent], heap[at]] = [heap[at]!, heap[parent]!];
      at = parent;
    }
  }

  #sink(): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && this.#keyOf(heap[child]!) < this.#keyOf(heap[least]!)) {
          least = child;
        }
      }
      if (least === at) return;
      [heap[least], heap[at]] = [heap[at]!, heap[least]!];
      at = least;
    }
  }
}

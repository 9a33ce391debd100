/** Cells of a match of two catalogs whose density is known: what a partition holds follows from that alone. */

/** Rows per range of pixels at one order, NESTED: [start, end) and what is in it on both sides. */
export interface DensityRange {
  readonly start: number;
  readonly end: number;
  readonly left: number;
  readonly right: number;
}

export interface CellRows {
  readonly order: number;
  readonly pixel: number;
  readonly left: number;
  readonly right: number;
}

/** Partitions are not cut further than that, whatever is in them. */
const MAX_ORDER = 12;

/**
 * Cells of a match: both catalogs are cut into partitions of at most `threshold` rows, and where they differ the coarser one
 * is the cell. Cells that hold rows of one side only are left out.
 * @param ranges ascending and apart, at `order`; rows lie evenly within each
 */
export function matchCells(
  ranges: readonly DensityRange[],
  order: number,
  threshold: number,
): CellRows[] {
  const found: CellRows[] = [];
  const visit = (cell: CellRows, first: number) => {
    if (cell.left === 0 || cell.right === 0) return;
    const isPartition = Math.min(cell.left, cell.right) <= threshold;
    if (isPartition || cell.order === MAX_ORDER) {
      found.push(cell);
      return;
    }
    for (let child = 4 * cell.pixel; child < 4 * cell.pixel + 4; child++) {
      visit(...rowsIn(ranges, order, { order: cell.order + 1, pixel: child }, first));
    }
  };
  for (let pixel = 0; pixel < 12; pixel++) visit(...rowsIn(ranges, order, { order: 0, pixel }, 0));
  return found;
}

/** Rows of a pixel, and the first range that reaches into it; those before `first` do not. */
function rowsIn(
  ranges: readonly DensityRange[],
  order: number,
  at: { readonly order: number; readonly pixel: number },
  first: number,
): [CellRows, number] {
  const size = 4 ** (order - at.order);
  const [start, end] = [at.pixel * size, (at.pixel + 1) * size];
  while (first < ranges.length && ranges[first]!.end <= start) first++;
  let [left, right] = [0, 0];
  for (let i = first; i < ranges.length && ranges[i]!.start < end; i++) {
    const range = ranges[i]!;
    const overlap = Math.min(end, range.end) - Math.max(start, range.start);
    const share = overlap / (range.end - range.start);
    left += share * range.left;
    right += share * range.right;
  }
  return [{ ...at, left, right }, first];
}

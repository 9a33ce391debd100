/**
 * Crowded cells of a grid get a grid of their own, with a window of their own: where rows stand a hundred times as dense as
 * elsewhere, the nearest ones are ten times as near. Cells of it that are crowded still become trees (tree.ts).
 *
 * Left rows that lie in such a cell are looked up in it (assembly/look-up.ts); the search (search.ts) goes through it too.
 * Its starts take the memory of the units, which are in the slots by then; what has to be kept meanwhile is where positions will be.
 */
import { type Arena, FINE_ROWS, FINE_WORDS, setZone, ZONE } from './arena.ts';
import type { Box } from './extent.ts';
import { decHalfWidth, HALF_TURN, raHalfWidth, UNITS_PER_DEGREE } from './fixed-point.ts';
import { flatMap } from './flat-map.ts';
import { type CellSizes, sizeCells } from './sizing.ts';
import { splitCell } from './tree.ts';

/** Cells of more rows than this are searched as a tree. */
export const TREE_ROWS = 128;

/** Zones and cells in them, and where their slots are. */
export interface Cells {
  readonly zoneShift: number;
  readonly cellShift: number;
  readonly zones: number;
  readonly cellsPerZone: number;
  /** Low corner, in quarter units. */
  readonly decLow: number;
  readonly raLow: number;
  /** First slot of each cell, and one more entry. */
  readonly starts: Int32Array;
}

export interface FineGrid extends Cells {
  /** Degrees to look around a left row at first. */
  readonly firstRadius: number;
}

/** What is asked for: degrees, and how many. */
export interface Wanted {
  readonly radius: number;
  readonly neighbors: number;
}

/** A grid for each cell of more than {@link FINE_ROWS} rows, by its first slot; trees where it would be of no use. */
export function refineCells(arena: Arena, cells: Cells, wanted: Wanted): Map<number, FineGrid> {
  const grids = new Map<number, FineGrid>();
  const all = cells.zones * cells.cellsPerZone;
  const { loops } = arena;
  for (
    let cell = loops.nextCrowded(0, FINE_ROWS);
    cell < all;
    cell = loops.nextCrowded(cell + 1, FINE_ROWS)
  ) {
    const begin = cells.starts[cell]!;
    const end = cells.starts[cell + 1]!;
    const fine = refineCell(arena, boxOf(cells, cell), begin, end, wanted, grids.size);
    if (fine !== null) {
      grids.set(begin, fine);
      continue;
    }
    arena.views.fineAt[numberOf(begin)] = 0;
    if (end - begin > TREE_ROWS) splitCell(arena.views, begin, end);
  }
  return grids;
}

/** Different for all cells of more than {@link FINE_ROWS} rows. */
function numberOf(begin: number): number {
  return Math.ceil(begin / FINE_ROWS);
}

function boxOf({ zoneShift, cellShift, cellsPerZone, decLow, raLow }: Cells, cell: number): Box {
  const dec = 4 * (decLow + Math.floor(cell / cellsPerZone) * 2 ** zoneShift);
  const ra = 4 * (raLow + (cell % cellsPerZone) * 2 ** cellShift);
  return {
    decLow: dec,
    decHigh: Math.min(HALF_TURN / 2, dec + 4 * 2 ** zoneShift - 1),
    raLow: ra,
    raHigh: Math.min(HALF_TURN - 1, ra + 4 * 2 ** cellShift - 1),
  };
}

/** Sorts the slots [begin, end) of a cell into a grid of its own; null, and nothing done, where that tells no more. */
function refineCell(
  arena: Arena,
  box: Box,
  begin: number,
  end: number,
  wanted: Wanted,
  number: number,
): FineGrid | null {
  const { views, loops } = arena;
  const rows = end - begin;
  const sizes = sizeCells({ box, rows, occupied: 1, ...wanted, spare: -2 });
  const { zoneShift, cellShift, zones, cellsPerZone } = sizes;
  const window = windowOf(box, sizes);
  if (zones < 1 || cellsPerZone < 1 || zones * cellsPerZone < 4 || window === null) return null;
  const [decLow, raLow] = [box.decLow >> 2, box.raLow >> 2];
  const starts = views.units.subarray(2 * begin, 2 * begin + zones * cellsPerZone + 1);
  const zone = views.zones.length / ZONE - 1 - number;
  setZone(views, zone, window.half, window, sizes.firstRadius);
  const words = FINE_WORDS * (number + 1);
  views.fine.set(
    [
      ...[decLow, raLow, zoneShift, cellShift, zones, cellsPerZone],
      ...[starts.byteOffset, zone, window.tall, window.half],
    ],
    words,
  );
  views.fineAt[numberOf(begin)] = number + 1;
  const most = loops.refine(begin, end, number + 1);
  for (let cell = 0; most > TREE_ROWS && cell < zones * cellsPerZone; cell++) {
    const [from, to] = [starts[cell]!, starts[cell + 1]!];
    if (to - from > TREE_ROWS) splitCell(views, from, to);
  }
  return {
    ...{ zoneShift, cellShift, zones, cellsPerZone, decLow, raLow, starts },
    firstRadius: sizes.firstRadius,
  };
}

/** The first window of left rows in a cell; null where it is wider than the cell. */
function windowOf(box: Box, { firstRadius }: CellSizes) {
  const low = box.decLow / UNITS_PER_DEGREE;
  const high = (box.decHigh + 1) / UNITS_PER_DEGREE;
  const tall = decHalfWidth(firstRadius);
  const furthest = Math.max(Math.abs(low), Math.abs(high)) + firstRadius + 1e-6;
  const half = raHalfWidth(firstRadius, Math.min(90, furthest));
  if (2 * tall >= box.decHigh - box.decLow || 2 * half >= box.raHigh - box.raLow) return null;
  return { tall, half, ...flatMap(low, high, firstRadius) };
}

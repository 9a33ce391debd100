/**
 * The memory that the compiled loops of the kernel (assembly/kernel.ts) work in, and the same memory as typed arrays
 * for everything else. One for each worker: it grows to what the largest task needs, and stays.
 */
import {
  ensureBytes,
  instantiate,
  type WasmGlobal,
  type WasmMemory,
} from '../../partitioning/wasm.ts';
import { COMPILED_KERNEL } from './compiled.ts';
import { UNITS_PER_DEGREE } from './fixed-point.ts';
import type { FlatMap } from './flat-map.ts';
import type { Positions } from './positions.ts';

/** Zones that a probe may cross. */
export const MOST_ZONES = 8;

/** Rows of a block, at most. */
export const BLOCK_ROWS = 2048;

/** Entries of the candidates: small enough for the second-level cache. */
export const CANDIDATES = 1 << 13;

/** Neighbours of one row that the compiled loops put in order, at most. */
export const NEAREST_OF = 64;

/** Integers per right row in a grid's slots: units of dec, units of ra. */
export const SLOT = 2;

/**
 * Numbers per zone: half-width of the window in ra and centre of the flat map, integers; error, cosine and its slope of the map
 * (flat-map.ts), and the window's radius, single precision; in units.
 */
export const ZONE = 6;

/** Cells of more rows than this get a grid of their own, of which {@link FINE_WORDS} integers are kept. */
export const FINE_ROWS = 64;
export const FINE_WORDS = 10;

/** A grid has at most this many cells and zones per right row, and a few more. */
export const CELLS_PER_ROW = 2;
export const ZONES_PER_ROW = 0.5;
export const SPARE_CELLS = 64;

/** What the compiled loops offer; the files in assembly/ say what each does. */
interface Loops {
  beginBox(refRa: number): void;
  readonly decLow: WasmGlobal;
  readonly decHigh: WasmGlobal;
  readonly raLow: WasmGlobal;
  readonly raHigh: WasmGlobal;
  lookOver(count: number): void;
  readonly mostTurned: WasmGlobal;
  quantise(first: number, count: number): void;
  extendBox(count: number): void;
  shape(): void;
  readonly mostInCell: WasmGlobal;
  sortIntoGrid(rows: number): number;
  refine(begin: number, end: number, fine: number): number;
  nextCrowded(from: number, rows: number): number;
  readAhead(count: number, step: number, mostCellsPerRow: number): number;
  lookUp(count: number): void;
  readonly probed: WasmGlobal;
  probe(from: number, begin: number, end: number, at: number, most: number): number;
  sieveOne(from: number, count: number, full: number, every: boolean): number;
  preparePacking(): void;
  sieveSeveral(from: number, count: number, wanted: number, full: number, every: boolean): number;
  sieveCounts(count: number, sure: number, full: number, wanted: number): number;
  answer(
    from: number,
    length: number,
    wanted: number,
    most: number,
    full: number,
    every: boolean,
  ): number;
  readonly unsettled: WasmGlobal;
  toArcsec(length: number): number;
  countBlock(from: number, rows: number, length: number, above: number, most: number): number;
  placeRight(ra: number, dec: number, cosines: number): void;
  fillCosines(rows: number): void;
  testAll(from: number, begin: number, end: number, hasCosines: boolean): number;
  nearest(from: number, to: number, wanted: number, above: number, most: number): number;
  sumCounts(rows: number, least: number, most: number): number;
}

/** The memory as typed arrays; new ones whenever it has grown. */
interface Views {
  /** Where the grid is, its low corner, extent and cells, and the first window, for `shape`. */
  readonly shape: Int32Array;
  /** Positions of the rows of a block, degrees. */
  readonly blockRa: Float64Array;
  readonly blockDec: Float64Array;
  /** Candidates, or entries of the answer: left rows; slots or right rows; and squared chords. */
  readonly left: Int32Array;
  readonly right: Int32Array;
  readonly chords: Float64Array;
  /** Numbers of candidates, or of rows of a block, that loops leave to others. */
  readonly doubtful: Uint16Array;
  /** Neighbours of each row of a block. */
  readonly counts: Uint32Array;
  /** The nearest of the candidates of one row, in order. */
  readonly nearestChords: Float64Array;
  readonly nearestRows: Int32Array;
  /** Coordinates of the right rows in units, two per row. */
  readonly units: Int32Array;
  /** Grid: {@link SLOT} integers and the row of each slot, the first slot of each cell. */
  readonly slots: Int32Array;
  readonly slotRows: Int32Array;
  readonly starts: Int32Array;
  /** {@link ZONE} numbers for each zone, integers or singles. */
  readonly zones: Int32Array;
  readonly zoneSingles: Float32Array;
  /** Grids of crowded cells: shapes and windows, and their numbers by one in {@link FINE_ROWS} slots. */
  readonly fine: Int32Array;
  readonly fineAt: Int32Array;
  /** Positions of the right rows, degrees, and the cosines of their declinations, where they were put there. */
  readonly rightRa: Float64Array;
  readonly rightDec: Float64Array;
  readonly cosines: Float64Array;
}

export interface Arena {
  readonly loops: Loops;
  readonly memory: WasmMemory;
  /** Right rows that there is room for. */
  rows: number;
  views: Views;
}

/** Where a grid's shape is, and behind it what has a fixed size: assembly/layout.ts has the same addresses. */
const SHAPE = 0;
const BLOCK_RA = 1024;
const BLOCK_DEC = BLOCK_RA + 8 * BLOCK_ROWS;
const ROWS = BLOCK_DEC + 8 * BLOCK_ROWS;
const RUNS = ROWS + 16 * BLOCK_ROWS;
// More than rows have: some are written and not kept.
const CHORDS = RUNS + 8 * MOST_ZONES * (BLOCK_ROWS + 2);
const LEFT = CHORDS + 8 * CANDIDATES;
const RIGHT = LEFT + 4 * CANDIDATES;
const DOUBTFUL = RIGHT + 4 * CANDIDATES;
const COUNTS = DOUBTFUL + 2 * CANDIDATES;
const NEAREST_CHORDS = COUNTS + 4 * BLOCK_ROWS + 12 * (NEAREST_OF + 2);
const NEAREST_ROWS = NEAREST_CHORDS + 8 * NEAREST_OF;
const SQUARES = NEAREST_ROWS + 4 * NEAREST_OF;
const UNITS = SQUARES + 8 * 1056 + 4 * 80 + 16 * 16;

export function createArena(): Arena {
  const { exports: loops, memory } = instantiate<Loops>(COMPILED_KERNEL);
  const views = layOut(memory, 0);
  loops.preparePacking();
  return { loops, memory, rows: 0, views };
}

/** Makes room for so many right rows. Typed arrays taken from the arena before are of no use afterwards. */
export function reserveRows(arena: Arena, rows: number): void {
  if (rows <= arena.rows) return;
  const room = Math.ceil(1.1 * rows);
  arena.views = layOut(arena.memory, room);
  arena.rows = room;
}

/** Bytes per right row of a grid, at worst. */
export const ARENA_BYTES_PER_ROW =
  8 + 4 * SLOT + 4 + 4 * CELLS_PER_ROW + 4 * ZONE * ZONES_PER_ROW + 24 + 2;

/** Right rows of one grid, at most: the loops address 4 GiB. */
export const MOST_ROWS = Math.floor((2 ** 32 - 2 ** 20) / (1.1 * ARENA_BYTES_PER_ROW));

function layOut(memory: WasmMemory, rows: number): Views {
  const cells = CELLS_PER_ROW * rows + SPARE_CELLS;
  const fineGrids = Math.ceil(rows / FINE_ROWS) + 1;
  const mostZones = Math.ceil(ZONES_PER_ROW * rows) + SPARE_CELLS + fineGrids;
  const slots = UNITS + 8 * rows;
  // Slots are read four at a time.
  const slotRows = slots + 4 * SLOT * (rows + 4);
  const starts = slotRows + 4 * (rows + 4);
  const zones = starts + 4 * (cells + 1);
  const fine = zones + 4 * ZONE * mostZones;
  const fineAt = fine + 4 * FINE_WORDS * fineGrids;
  const rightRa = Math.ceil((fineAt + 4 * fineGrids) / 8) * 8;
  const [rightDec, cosines] = [rightRa + 8 * rows, rightRa + 16 * rows];
  // What is never written takes no memory: counts need no positions.
  ensureBytes(memory, cosines + 8 * (rows + 1));
  const { buffer } = memory;
  return {
    shape: new Int32Array(buffer, SHAPE, 20),
    blockRa: new Float64Array(buffer, BLOCK_RA, BLOCK_ROWS),
    blockDec: new Float64Array(buffer, BLOCK_DEC, BLOCK_ROWS),
    left: new Int32Array(buffer, LEFT, CANDIDATES),
    right: new Int32Array(buffer, RIGHT, CANDIDATES),
    chords: new Float64Array(buffer, CHORDS, CANDIDATES),
    doubtful: new Uint16Array(buffer, DOUBTFUL, CANDIDATES),
    counts: new Uint32Array(buffer, COUNTS, BLOCK_ROWS),
    nearestChords: new Float64Array(buffer, NEAREST_CHORDS, NEAREST_OF),
    nearestRows: new Int32Array(buffer, NEAREST_ROWS, NEAREST_OF),
    units: new Int32Array(buffer, UNITS, 2 * rows),
    slots: new Int32Array(buffer, slots, SLOT * (rows + 4)),
    slotRows: new Int32Array(buffer, slotRows, rows + 4),
    starts: new Int32Array(buffer, starts, cells + 1),
    zones: new Int32Array(buffer, zones, ZONE * mostZones),
    zoneSingles: new Float32Array(buffer, zones, ZONE * mostZones),
    fine: new Int32Array(buffer, fine, FINE_WORDS * fineGrids),
    fineAt: new Int32Array(buffer, fineAt, fineGrids),
    rightRa: new Float64Array(buffer, rightRa, rows),
    rightDec: new Float64Array(buffer, rightDec, rows),
    cosines: new Float64Array(buffer, cosines, rows),
  };
}

/** Writes an entry of the zones' table; `half` in units, the radius in degrees. */
export function setZone(
  { zones, zoneSingles }: Views,
  zone: number,
  half: number,
  { centre, cos, slope, error }: FlatMap,
  radius: number,
): void {
  const at = ZONE * zone;
  zones[at] = half;
  zones[at + 1] = Math.round(centre * UNITS_PER_DEGREE);
  zoneSingles[at + 2] = error;
  zoneSingles[at + 3] = cos;
  zoneSingles[at + 4] = (slope * (Math.PI / 180)) / UNITS_PER_DEGREE;
  // Not 0, which times an infinite error is no number.
  zoneSingles[at + 5] = Math.max(1e-30, radius * UNITS_PER_DEGREE);
}

/** Puts the right positions where the loops find them. */
export function loadRight({ loops, views }: Arena, { ra, dec, length }: Positions): void {
  const { rightRa, rightDec, cosines } = views;
  rightRa.set(ra.subarray(0, length));
  rightDec.set(dec.subarray(0, length));
  loops.placeRight(rightRa.byteOffset, rightDec.byteOffset, cosines.byteOffset);
}

/** Puts the positions of the rows [from, to), at most a block, where the loops find them. */
export function loadBlock(arena: Arena, { ra, dec }: Positions, from: number, to: number): void {
  const { blockRa, blockDec } = arena.views;
  blockRa.set(ra.subarray(from, to));
  blockDec.set(dec.subarray(from, to));
  arena.loops.lookOver(to - from);
  // Of very large angles too many digits would be lost.
  if (arena.loops.mostTurned.value <= 1e6) return;
  for (let i = 0; i < to - from; i++) blockRa[i] = blockRa[i]! % 360;
}

/** Calls `visit` with each block of the rows [0, rows), loaded. */
export function loadBlocks(
  arena: Arena,
  positions: Positions,
  visit: (from: number, count: number) => void,
): void {
  for (let from = 0; from < positions.length; from += BLOCK_ROWS) {
    const to = Math.min(positions.length, from + BLOCK_ROWS);
    loadBlock(arena, positions, from, to);
    visit(from, to - from);
  }
}

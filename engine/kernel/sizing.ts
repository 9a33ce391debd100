/** How large the cells of a grid should be, and how far a nearest-neighbour search should look first. */
import { CELLS_PER_ROW, ZONES_PER_ROW } from './arena.ts';
import { areaOf, type Box } from './extent.ts';
import { UNITS_PER_DEGREE } from './fixed-point.ts';

/** Cells are powers of two of quarter units on both sides. */
export interface CellSizes {
  readonly zoneShift: number;
  readonly cellShift: number;
  readonly zones: number;
  readonly cellsPerZone: number;
  /** Degrees to look around a left row at first; the full radius, or less where neighbours are nearer. */
  readonly firstRadius: number;
  /** Right rows in the square around that circle, on average. */
  readonly inWindow: number;
}

export interface SizingInput {
  readonly box: Box;
  /** Right rows inside the box, about. */
  readonly rows: number;
  /** Share of the box that has rows at all. */
  readonly occupied: number;
  /** Degrees. */
  readonly radius: number;
  /** Infinity: all. */
  readonly neighbors: number;
  /** Cells and zones beyond those that the rows make room for. */
  readonly spare: number;
}

/** Rows per cell where there are rows; measured, and flat from 1 to 3. */
const ROWS_PER_CELL = 1.25;

/** Smallest side of a cell by the radius of the first window. */
const CELLS_BY_REACH = 0.5;

export function sizeCells(input: SizingInput): CellSizes {
  const { box, rows, radius, neighbors, spare } = input;
  const density = rows / (areaOf(box) * meanCosine(box) * input.occupied);
  const radiusUnits = radius * UNITS_PER_DEGREE;
  let side = Math.sqrt(ROWS_PER_CELL / density);
  let firstRadius = radius;
  if (neighbors >= rows) {
    // Every cell inside the radius is read anyway: a few zones per radius are enough.
    side = Math.max(side, radiusUnits / 4);
  } else {
    const reach = reachOf(neighbors, density);
    // A first window that single precision cannot tell from the whole radius would be taken for it.
    if (radiusUnits > reach * (1 + 1e-6)) {
      firstRadius = reach / UNITS_PER_DEGREE;
      side = Math.max(side, CELLS_BY_REACH * reach);
    }
  }
  const inWindow = density * (2 * firstRadius * UNITS_PER_DEGREE) ** 2;
  return { ...cellsOfSide(box, side, rows, spare), firstRadius, inWindow };
}

/** Radius of a circle that nearly always holds `neighbors` rows, where they are spread evenly. */
export function reachOf(neighbors: number, density: number): number {
  return Math.sqrt((neighbors + 2.5 * Math.sqrt(neighbors) + 1) / (Math.PI * density));
}

/** Powers of two near `side` units in both directions, with no more cells and zones than there is room for. */
function cellsOfSide(box: Box, side: number, rows: number, spare: number) {
  const most = CELLS_PER_ROW * rows + spare;
  const mostZones = ZONES_PER_ROW * rows + spare;
  const tall = (box.decHigh >> 2) - (box.decLow >> 2);
  const wide = (box.raHigh >> 2) - (box.raLow >> 2);
  const quarter = Math.max(1, side / 4);
  // Twice as tall as wide: fewer windows cross from zone to zone, which costs a loop; cells cost none.
  // At least 1: windows of up to six zones' height then cross no more than eight.
  let zoneShift = Math.min(30, Math.round(Math.log2(quarter)) + 1);
  while ((tall >> zoneShift) + 1 > mostZones) zoneShift++;
  const raSide = (quarter * quarter) / (2 ** zoneShift * meanCosine(box));
  let cellShift = Math.min(30, Math.max(0, Math.round(Math.log2(raSide))));
  const zones = (tall >> zoneShift) + 1;
  while (zones * ((wide >> cellShift) + 1) > most) cellShift++;
  return { zoneShift, cellShift, zones, cellsPerZone: (wide >> cellShift) + 1 };
}

/** Mean cosine of the declinations of a box: its true area by its area on a flat map. */
function meanCosine(box: Box): number {
  const scale = Math.PI / 180 / UNITS_PER_DEGREE;
  const low = box.decLow * scale;
  const high = (box.decHigh + 1) * scale;
  return Math.max(1e-6, (Math.sin(high) - Math.sin(low)) / (high - low));
}

/** Coarse cells per side, and rows looked at, for {@link occupiedShare}. */
const COARSE = 32;
const SAMPLE_ROWS = 4096;

/** Share of a box's coarse cells that have rows, and the share of the rows inside the box; by a sample. */
export function occupiedShare(
  units: Int32Array,
  rows: number,
  box: Box,
): { readonly occupied: number; readonly inside: number } {
  const seen = new Uint8Array(COARSE * COARSE);
  const step = Math.max(1, Math.floor(rows / SAMPLE_ROWS));
  const tall = COARSE / (box.decHigh - box.decLow + 1);
  const wide = COARSE / (box.raHigh - box.raLow + 1);
  let occupied = 0;
  let inside = 0;
  let sampled = 0;
  for (let i = 0; i < rows; i += step) {
    const d = units[2 * i]! - box.decLow;
    const u = units[2 * i + 1]! - box.raLow;
    sampled++;
    if (d < 0 || u < 0 || d > box.decHigh - box.decLow || u > box.raHigh - box.raLow) continue;
    inside++;
    const at = Math.floor(d * tall) * COARSE + Math.floor(u * wide);
    if (seen[at] === 0) {
      seen[at] = 1;
      occupied++;
    }
  }
  // With few rows the coarse cells are empty by chance, which says nothing.
  const trusted = inside >= SAMPLE_ROWS / 2;
  return { occupied: trusted ? occupied / seen.length : 1, inside: inside / sampled };
}

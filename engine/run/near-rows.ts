/**
 * What a cell needs of the right side, by positions: what can match rows of a region; in a part of a cell, what can
 * match its own left rows. The spatial index would not do: it may have been computed from other positions than a
 * catalog stores, by more than anybody can foresee.
 */
import { raSpan } from '../../partitioning/box.ts';
import { coverageOrder, dilate, regionCoverage } from '../../partitioning/coverage.ts';
import { inBlocks } from '../../partitioning/in-blocks.ts';
import { fullSky, type RangeSet } from '../../partitioning/ranges.ts';
import type { Region } from '../../partitioning/region.ts';
import { ARCSEC_PER_DEGREE, RADIANS_PER_DEGREE, wrapRa } from '../../partitioning/sphere.ts';
import { quoteName } from '../expression/quote.ts';
import type { ScanSpec } from '../task.ts';

/** Degrees; right ascension runs eastward from `west` over `width`, which may be 360. */
export interface SkyBox {
  readonly west: number;
  readonly width: number;
  readonly south: number;
  readonly north: number;
}

/** Rounding of degrees, many times over. */
const ROUNDING_DEGREES = 1e-9;
const WHOLE_TURN = 360;

/** The smallest box around positions that does not depend on where right ascension starts; null for none. */
export function boxAround(ra: Float64Array, dec: Float64Array): SkyBox | null {
  if (ra.length === 0) return null;
  const first = ra[0]!;
  let west = 0;
  let east = 0;
  let south = 90;
  let north = -90;
  for (let i = 0; i < ra.length; i++) {
    const turn = turnFrom(first, ra[i]!);
    if (turn < west) west = turn;
    if (turn > east) east = turn;
    const d = dec[i]!;
    if (d < south) south = d;
    if (d > north) north = d;
  }
  return { west: first + west, width: east - west, south, north };
}

/** The turn from one right ascension to another, in [-180, 180). */
function turnFrom(from: number, to: number): number {
  const turn = (to - from) % WHOLE_TURN;
  if (turn >= 180) return turn - WHOLE_TURN;
  return turn < -180 ? turn + WHOLE_TURN : turn;
}

/** A box around everything within `reachArcsec` of a box. */
export function widened(box: SkyBox, reachArcsec: number): SkyBox {
  const reach = reachArcsec / ARCSEC_PER_DEGREE + ROUNDING_DEGREES;
  const south = Math.max(-90, box.south - reach);
  const north = Math.min(90, box.north + reach);
  const whole = { west: 0, width: WHOLE_TURN, south, north };
  if (south === -90 || north === 90) return whole;
  // A circle of radius r around declination d reaches asin(sin r / cos d) to either side.
  const widest = Math.max(Math.abs(box.south), Math.abs(box.north));
  const sine = Math.sin(reach * RADIANS_PER_DEGREE) / Math.cos(widest * RADIANS_PER_DEGREE);
  if (!(sine < 1)) return whole;
  const side = Math.asin(sine) / RADIANS_PER_DEGREE + ROUNDING_DEGREES;
  const width = box.width + 2 * side;
  return width < WHOLE_TURN ? { west: box.west - side, width, south, north } : whole;
}

/** Boxes outside which no row of a scan can match anything, for the shapes that have simple ones. */
export function nearBoxes({ near = [] }: ScanSpec): SkyBox[] {
  return near.flatMap(({ region, radiusArcsec }) =>
    boxesAround(region).map((box) => widened(box, radiusArcsec)),
  );
}

function boxesAround(region: Region): SkyBox[] {
  switch (region.kind) {
    case 'cone': {
      const { ra, dec, radiusArcsec } = region;
      return [widened({ west: wrapRa(ra), width: 0, south: dec, north: dec }, radiusArcsec)];
    }
    case 'box': {
      const [south, north] = region.dec;
      return [{ ...raSpan(region), south, north }];
    }
    case 'and':
      return region.regions.flatMap(boxesAround);
    default:
      return [];
  }
}

/** Numbers of the rows that are not surely outside a box, ascending; rows without a usable position are not. */
export function rowsInBox(box: SkyBox, ra: Float64Array, dec: Float64Array): Int32Array {
  const rows = new Int32Array(ra.length);
  let kept = 0;
  inBlocks(rows.length, (from, to) => {
    kept = keepInBox(box, ra, dec, from, to, rows, kept);
  });
  return kept === rows.length ? rows : rows.slice(0, kept);
}

function keepInBox(
  { west, width, south, north }: SkyBox,
  ra: Float64Array,
  dec: Float64Array,
  from: number,
  to: number,
  rows: Int32Array,
  keptBefore: number,
): number {
  let kept = keptBefore;
  for (let i = from; i < to; i++) {
    const d = dec[i]!;
    let turn = ra[i]! - west;
    if (turn < 0) turn += WHOLE_TURN;
    else if (turn >= WHOLE_TURN) turn -= WHOLE_TURN;
    const isAside = turn > width && turn < WHOLE_TURN && d >= -90 && d <= 90;
    const isBelowOrAbove = (d >= -90 && d < south) || (d <= 90 && d > north);
    if (isAside || (isBelowOrAbove && Math.abs(turn) < Number.POSITIVE_INFINITY)) continue;
    rows[kept++] = i;
  }
  return kept;
}

/** SQL for the rows of a scan inside a box; rows without a usable position pass, to be met by those who check. */
export function boxCondition(spec: ScanSpec, box: SkyBox): string {
  const ra = `${quoteName(spec.ra!)}::DOUBLE`;
  const dec = `${quoteName(spec.dec!)}::DOUBLE`;
  const usable = `coalesce(isfinite(${ra}) AND ${dec} >= -90 AND ${dec} <= 90, false)`;
  const inBand = `${dec} >= ${sqlDouble(box.south)} AND ${dec} <= ${sqlDouble(box.north)}`;
  if (box.width >= WHOLE_TURN) return `(${inBand}) OR NOT ${usable}`;
  const turns = `(${ra} - ${sqlDouble(box.west)}) / ${WHOLE_TURN}`;
  const inside = `(${turns} - floor(${turns})) * ${WHOLE_TURN} <= ${sqlDouble(box.width)}`;
  return `(${inBand} AND ${inside}) OR NOT ${usable}`;
}

function sqlDouble(value: number): string {
  return `(${value})::DOUBLE`;
}

/** The sky in which partitions can hold rows of a box, if rows lie up to `slackArcsec` outside their partitions. */
export function boxCoverage(box: SkyBox, slackArcsec: number): RangeSet {
  if (box.width >= WHOLE_TURN && box.south === -90 && box.north === 90) return fullSky;
  const region = {
    kind: 'box',
    ra: [box.west, box.west + box.width],
    dec: [box.south, box.north],
  } as const;
  return dilate(regionCoverage(region, coverageOrder(region)), slackArcsec);
}

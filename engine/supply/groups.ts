/**
 * Which row groups of a file can hold rows of a scan, by their statistics. The answer depends on the footer and the
 * scan only: row numbers count through the groups that are chosen, and mean the same in every read of a run.
 */
import type { ColumnChunk, Footer, RowGroup } from '../../catalogs/parquet-footer.ts';
import { coverageOrder, regionCoverage } from '../../partitioning/coverage.ts';
import { intersect, isEmpty, type RangeSet } from '../../partitioning/ranges.ts';
import type { Region } from '../../partitioning/region.ts';
import { angularDistance, RADIANS_PER_ARCSEC } from '../../partitioning/sphere.ts';
import type { ColumnBound } from '../expression/bounds.ts';
import { nearCoverage, regionParts } from '../physical/near-partitions.ts';
import type { SkyBox } from '../run/near-rows.ts';
import type { NearRegion, ScanSpec } from '../task.ts';

/** Chooses row groups by number. */
export type GroupChoice = (footer: Footer) => number[];

/** The choice for a scan. Positions decide about regions, not the index: it may come from other positions. */
export function groupChoice(spec: ScanSpec): GroupChoice {
  const near = nearRegions(spec);
  // Working these out takes as long as a round trip: not before they are needed.
  let coverages: RangeSet[] | null = null;
  const { bounds = [] } = spec;
  const known = new WeakMap<Footer, number[]>();
  return (footer) => {
    const before = known.get(footer);
    if (before !== undefined) return before;
    // Of a file of one row group, chosen with its partition, it takes no more to tell than how far away its rows are.
    const isRough = footer.rowGroups.length === 1 && near.every(({ region }) => isCone(region));
    const chosen = footer.rowGroups.flatMap((group, i) => {
      if (!bounds.every((bound) => mayPass(chunkOf(group, bound.column), bound))) return [];
      const box = near.length === 0 ? null : boxOf(group, spec);
      if (box === null) return [i];
      if (!near.every((one) => mayReach(box, one))) return [];
      if (isRough) return [i];
      coverages ??= near.flatMap((one) => nearCoverage(one, 0) ?? []);
      return mayLieIn(box, coverages) ? [i] : [];
    });
    known.set(footer, chosen);
    return chosen;
  };
}

/** Everything that rows must be near to, one by one. */
function nearRegions({ regions, near = [] }: ScanSpec): NearRegion[] {
  const all = [...regions.map((region) => ({ region, radiusArcsec: 0 })), ...near];
  return all.flatMap(({ region, radiusArcsec }) =>
    regionParts(region).map((part) => ({ region: part, radiusArcsec })),
  );
}

function isCone({ kind }: Region): boolean {
  return kind === 'cone';
}

/** Boxes that are wider, or nearer to a pole, have no circle around them worth the name. */
const WIDEST_DEGREES = 60;
const FURTHEST_NORTH = 80;
/** Rounding of distances, many times over. */
const ROUNDING_RADIANS = 1e-9;

/** False where a box lies further from a cone than it may; the circle through its corners holds all of it. */
function mayReach(
  { west, width, south, north }: SkyBox,
  { region, radiusArcsec }: NearRegion,
): boolean {
  const isSmall = width <= WIDEST_DEGREES && south >= -FURTHEST_NORTH && north <= FURTHEST_NORTH;
  if (region.kind !== 'cone' || !isSmall) return true;
  const [ra, dec] = [west + width / 2, (south + north) / 2];
  const radius = Math.max(
    ...[south, north].map((corner) => angularDistance(ra, dec, west, corner)),
  );
  const reach = (region.radiusArcsec + radiusArcsec) * RADIANS_PER_ARCSEC;
  return angularDistance(ra, dec, region.ra, region.dec) <= radius + reach + ROUNDING_RADIANS;
}

function chunkOf({ columns }: RowGroup, column: string): ColumnChunk | undefined {
  return columns.find(({ path }) => path === column);
}

/** Where a statistic is missing, or is not a number, everything is possible. */
function mayPass(chunk: ColumnChunk | undefined, { operator, value }: ColumnBound): boolean {
  const min = chunk?.min;
  const max = chunk?.max;
  if (!isNumber(min) || !isNumber(max)) return true;
  switch (operator) {
    case '<':
      return min < value;
    case '<=':
      return min <= value;
    case '>':
      return max > value;
    case '>=':
      return max >= value;
    case '=':
      return min <= value && max >= value;
    default:
      throw new Error(`unknown operator ${operator satisfies never}`);
  }
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/** Rounding of the box around a row group's positions, degrees. */
const ROUNDING_DEGREES = 1e-9;

/** Null where the statistics do not tell: then everything is possible. */
function boxOf(group: RowGroup, { ra, dec }: ScanSpec): SkyBox | null {
  if (ra === undefined || dec === undefined) return null;
  const [raChunk, decChunk] = [chunkOf(group, ra), chunkOf(group, dec)];
  const [west, east] = [raChunk?.min, raChunk?.max];
  const [south, north] = [decChunk?.min, decChunk?.max];
  if (typeof west !== 'number' || typeof east !== 'number') return null;
  if (typeof south !== 'number' || typeof north !== 'number') return null;
  if (!Number.isFinite(east - west) || south < -90 || north > 90) return null;
  return {
    west: west - ROUNDING_DEGREES,
    width: Math.min(360, east - west + 2 * ROUNDING_DEGREES),
    south: Math.max(-90, south - ROUNDING_DEGREES),
    north: Math.min(90, north + ROUNDING_DEGREES),
  };
}

function mayLieIn(box: SkyBox, coverages: readonly RangeSet[]): boolean {
  if (coverages.length === 0) return true;
  const inside = boxCoverage(box);
  return coverages.every((coverage) => !isEmpty(intersect(coverage, inside)));
}

/** Orders by which the cells of a box are larger than those of a region: some dozens do, and there are many boxes. */
const COARSER = 3;

function boxCoverage({ west, width, south, north }: SkyBox): RangeSet {
  const region = { kind: 'box', ra: [west, west + width], dec: [south, north] } as const;
  return regionCoverage(region, Math.max(0, coverageOrder(region) - COARSER));
}

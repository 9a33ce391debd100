/**
 * Which row groups of a file can hold rows of a scan, by their statistics. The answer depends on the footer and the
 * scan only: row numbers count through the groups that are chosen, and mean the same in every read of a run.
 */
import type { ColumnChunk, Footer, RowGroup } from '../../catalogs/parquet-footer.ts';
import { coverageOrder, regionCoverage } from '../../partitioning/coverage.ts';
import { intersect, isEmpty, type RangeSet } from '../../partitioning/ranges.ts';
import type { ColumnBound } from '../expression/bounds.ts';
import { nearCoverage, regionParts } from '../physical/near-partitions.ts';
import type { SkyBox } from '../run/near-rows.ts';
import type { ScanSpec } from '../task.ts';

/** Chooses row groups by number. */
export type GroupChoice = (footer: Footer) => number[];

/** The choice for a scan. Positions decide about regions, not the index: it may come from other positions. */
export function groupChoice(spec: ScanSpec): GroupChoice {
  // Takes as long as a round trip, and is needed where files have several row groups.
  let coverages: RangeSet[] | null = null;
  const { bounds = [] } = spec;
  const known = new WeakMap<Footer, number[]>();
  return (footer) => {
    const before = known.get(footer);
    if (before !== undefined) return before;
    // The only row group of a file was chosen with its partition.
    if (footer.rowGroups.length > 1) coverages ??= coveragesOf(spec);
    const regions = footer.rowGroups.length > 1 ? coverages! : [];
    const chosen = footer.rowGroups.flatMap((group, i) => {
      const possible =
        bounds.every((bound) => mayPass(chunkOf(group, bound.column), bound)) &&
        (regions.length === 0 || mayLieIn(group, spec, regions));
      return possible ? [i] : [];
    });
    known.set(footer, chosen);
    return chosen;
  };
}

function coveragesOf({ regions, near = [] }: ScanSpec): RangeSet[] {
  const all = [...regions.map((region) => ({ region, radiusArcsec: 0 })), ...near];
  return all.flatMap(({ region, radiusArcsec }) =>
    regionParts(region).flatMap((part) => nearCoverage({ region: part, radiusArcsec }, 0) ?? []),
  );
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

function mayLieIn(group: RowGroup, { ra, dec }: ScanSpec, coverages: readonly RangeSet[]): boolean {
  if (ra === undefined || dec === undefined) return true;
  const [raChunk, decChunk] = [chunkOf(group, ra), chunkOf(group, dec)];
  const [west, east] = [raChunk?.min, raChunk?.max];
  const [south, north] = [decChunk?.min, decChunk?.max];
  if (typeof west !== 'number' || typeof east !== 'number') return true;
  if (typeof south !== 'number' || typeof north !== 'number') return true;
  if (!Number.isFinite(east - west) || south < -90 || north > 90) return true;
  const box = {
    west: west - ROUNDING_DEGREES,
    width: Math.min(360, east - west + 2 * ROUNDING_DEGREES),
    south: Math.max(-90, south - ROUNDING_DEGREES),
    north: Math.min(90, north + ROUNDING_DEGREES),
  };
  const inside = boxCoverage(box);
  return coverages.every((coverage) => !isEmpty(intersect(coverage, inside)));
}

/** Orders by which the cells of a box are larger than those of a region: some dozens do, and there are many boxes. */
const COARSER = 3;

function boxCoverage({ west, width, south, north }: SkyBox): RangeSet {
  const region = { kind: 'box', ra: [west, west + width], dec: [south, north] } as const;
  return regionCoverage(region, Math.max(0, coverageOrder(region) - COARSER));
}

/** Counts rows per HEALPix pixel; of a match, output rows at the left position. */
import { writeCountMap, writeHealpixMap } from '../../catalogs/sky-map-file.ts';
import { requestError } from '../../partitioning/error.ts';
import { runProgram } from '../physical/run-program.ts';
import type { PlanNode } from '../plan/node.ts';
import { addMaps } from '../run/map-counts.ts';
import type { RunSettings, Runtime } from '../runtime.ts';
import type { SparseMap } from '../task.ts';
import { prepare } from './prepare.ts';
import { type RunSummary, withWorkspace } from './run.ts';
import { withinReach } from './within-reach.ts';

/** Deepest order of a sky map: pixels of 26 arcseconds. */
export const MAX_MAP_ORDER = 13;

/** Deepest order written with every pixel of the sky: 100 MB. */
const MAX_FULL_ORDER = 10;

/** A sky map of counts. */
export class SkyMap implements SparseMap {
  readonly order: number;
  /** NESTED pixel numbers that hold rows, ascending. */
  readonly pixels: Float64Array;
  /** Rows in each of `pixels`. */
  readonly counts: Float64Array;
  readonly summary: RunSummary;

  constructor(map: SparseMap, summary: RunSummary) {
    this.order = map.order;
    this.pixels = map.pixels;
    this.counts = map.counts;
    this.summary = summary;
  }

  /**
   * Writes the map as FITS, NESTED: `healpix` as healpy reads and writes them, `hats` as the count maps of HATS
   * catalogs. Up to order 10 every pixel of the sky is in the file, 0 where there are no rows; from there on only
   * the pixels that hold rows.
   */
  async writeFits(path: string, form: 'healpix' | 'hats' = 'healpix'): Promise<void> {
    const { order, pixels, counts } = this;
    const explicit = order > MAX_FULL_ORDER;
    if (form === 'hats') return writeCountMap(path, { order, pixels, counts, explicit });
    const name = 'COUNT';
    if (explicit) return writeHealpixMap(path, { order, pixels, values: counts, name });
    const values = new Float64Array(12 * 4 ** order);
    for (let i = 0; i < pixels.length; i++) values[pixels[i]!] = counts[i]!;
    return writeHealpixMap(path, { order, values, name });
  }
}

export async function skyMap(
  plan: PlanNode,
  order: number,
  runtime: Runtime,
  settings: RunSettings,
): Promise<SkyMap> {
  if (!Number.isInteger(order) || order < 0 || order > MAX_MAP_ORDER) {
    throw requestError(`sky map order ${order} is not an integer from 0 to ${MAX_MAP_ORDER}`);
  }
  const { program } = await prepare(plan, [], runtime, settings);
  return withWorkspace(program, runtime, settings, async (space) => {
    const { map, rows } = await withinReach(async (allowance) => {
      const maps: SparseMap[] = [];
      let sum = 0;
      const run = { ...space, ...settings, sink: { kind: 'map' as const, order }, ordered: false };
      for await (const cell of runProgram(program, run, space.stats, allowance)) {
        maps.push(cell.map!);
        sum += cell.rows;
      }
      return { map: addMaps(order, maps), rows: sum };
    });
    return new SkyMap(map, space.summary(rows));
  });
}

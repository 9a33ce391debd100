/** Plans over catalogs that have metadata only. */
import type { CatalogInfo } from '../../catalogs/types.ts';
import type { Catalog } from '../../engine/catalog.ts';
import { catalogOf } from '../../engine/open-catalog.ts';
import type { PlanNode } from '../../engine/plan/node.ts';
import type { Runtime } from '../../engine/runtime.ts';

/** Metadata of a catalog with one partition per base pixel; its files do not exist. */
export function infoOf(name: string, order = 0): CatalogInfo {
  return {
    path: `/sky/${name}`,
    name,
    type: 'object',
    raColumn: 'ra',
    decColumn: 'dec',
    healpix: { name: '_healpix_29', order: 29 },
    columns: [
      { name: '_healpix_29', type: 'BIGINT' },
      { name: 'id', type: 'BIGINT' },
      { name: 'ra', type: 'DOUBLE' },
      { name: 'dec', type: 'DOUBLE' },
      { name: 'mag', type: 'DOUBLE' },
    ],
    partitions: Array.from({ length: 12 * 4 ** order }, (_, pixel) => ({
      pixel: { order, pixel },
      files: [{ path: `/sky/${name}/Npix=${pixel}.parquet`, bytes: 1000 }],
      rows: 100,
      rowsExact: true,
    })),
    marginsAvailable: [],
    indexes: {},
    properties: {},
  };
}

const unused = () => {
  throw new Error('plans are built without running anything');
};
export const runtime: Runtime = {
  executor: unused,
  session: unused,
  tempDir: unused,
  removeTempDir: unused,
};
export const open = (name: string, order?: number) => catalogOf(infoOf(name, order), runtime);
export const gaia = open('gaia').select(['id', 'mag']);
export const ztf = open('ztf').select(['id', 'mag']);
export const match = (left: Catalog, right: Catalog, how: 'inner' | 'left' = 'inner') =>
  left.crossmatch(right, { radiusArcsec: 1, how, suffixes: ['_g', '_z'] });

/** A node below others: `at(plan, 'input', 'left')`. */
export function at(plan: PlanNode, ...path: ('input' | 'left' | 'right')[]): PlanNode {
  return path.reduce((from, step) => (from as unknown as Record<string, PlanNode>)[step]!, plan);
}

/** Column names and SQL of a scan's filters. */
export function filtersOf(plan: PlanNode) {
  if (plan.kind !== 'scan') throw new Error(`a ${plan.kind} is no scan`);
  return plan.filters.map(({ columns, sql }) => ({ columns, sql }));
}

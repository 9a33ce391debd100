/** Cuts a catalog that is to be generated into partitions, without making a row. */
import type { Column } from '../../catalogs/types.ts';
import { childrenOf, type Pixel } from '../../partitioning/pixel.ts';
import { columnsOf, DEC_COLUMN, RA_COLUMN } from './columns.ts';
import { CounterpartRule } from './counterpart.ts';
import { DENSITY_ORDER } from './density.ts';
import { checkSpec, type GenerateSpec } from './spec.ts';
import { type SkyNode, type SkyTree, skyTreeOf } from './tree.ts';

export interface PlannedCell {
  readonly pixel: Pixel;
  /** Exact. */
  readonly rows: number;
}

/** Plain data: the partitions and columns of a catalog. */
export interface GeneratePlan {
  /** In NESTED order, none empty; rows add up to those of the spec. */
  readonly cells: readonly PlannedCell[];
  readonly columns: readonly Column[];
  readonly raColumn: string;
  readonly decColumn: string;
}

/**
 * The partitions of a catalog: from order 0 a pixel becomes one when it has at most `rowsPerPartition` rows or is
 * a generation atom (128 stars or fewer), else its four children are looked at; empty ones are left out.
 * @throws request error when the spec is wrong
 */
export function planGeneration(spec: GenerateSpec): GeneratePlan {
  checkSpec(spec);
  const tree = starTreeOf(spec);
  const rule = new CounterpartRule(spec);
  const cells: PlannedCell[] = [];
  const planned = (pixel: Pixel, from: number, to: number, children: () => boolean): void => {
    const rows = rule.rowsBefore(Math.floor(to)) - rule.rowsBefore(Math.floor(from));
    if (rows === 0) return;
    if (rows > spec.rowsPerPartition && children()) return;
    cells.push({ pixel: { order: pixel.order, pixel: pixel.pixel }, rows });
  };
  const cutNode = (node: SkyNode): void =>
    planned(node, node.from, node.to, () => {
      const children = tree.split(node);
      children?.forEach(cutNode);
      return children !== undefined;
    });
  const cutCoarse = (pixel: Pixel): void => {
    if (pixel.order === DENSITY_ORDER) return cutNode(tree.root(pixel.pixel));
    const { from, to } = tree.range(pixel);
    planned(pixel, from, to, () => {
      childrenOf(pixel).forEach(cutCoarse);
      return true;
    });
  };
  for (let pixel = 0; pixel < 12; pixel++) cutCoarse({ order: 0, pixel });
  return { cells, columns: columnsOf(spec.kind), raColumn: RA_COLUMN, decColumn: DEC_COLUMN };
}

/** The tree of the stars that a catalog is made of: those of the catalog it follows, or its own. */
export function starTreeOf(spec: GenerateSpec): SkyTree {
  return skyTreeOf(spec.counterpartOf ?? spec);
}

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
  const cut = (part: Part): void => {
    const { order, pixel } = part;
    const { from, to } = 'facet' in part ? part : tree.range(part);
    const rows = rule.rowsBefore(Math.floor(to)) - rule.rowsBefore(Math.floor(from));
    if (rows === 0) return;
    const children = rows > spec.rowsPerPartition ? partsOf(tree, part) : undefined;
    if (children === undefined) cells.push({ pixel: { order, pixel }, rows });
    else for (const child of children) cut(child);
  };
  for (let pixel = 0; pixel < 12; pixel++) cut({ order: 0, pixel });
  return { cells, columns: columnsOf(spec.kind), raColumn: RA_COLUMN, decColumn: DEC_COLUMN };
}

/** A pixel above the tree's roots, or a node of the tree. */
type Part = Pixel | SkyNode;

function partsOf(tree: SkyTree, part: Part): Part[] | undefined {
  if ('facet' in part) return tree.split(part);
  const children = childrenOf(part);
  if (part.order + 1 < DENSITY_ORDER) return children;
  return children.map(({ pixel }) => tree.root(pixel));
}

/** The tree of the stars that a catalog is made of: those of the catalog it follows, or its own. */
export function starTreeOf(spec: GenerateSpec): SkyTree {
  return skyTreeOf(spec.counterpartOf ?? spec);
}

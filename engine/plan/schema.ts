/** The columns of every plan node, known without reading data. */
import type { Column, HealpixColumn } from '../../catalogs/types.ts';
import { type MatchNode, neverKind, type PlanNode, type ScanNode } from './node.ts';

/** Name of the spatial index in everything this program writes. */
export const INDEX_COLUMN = '_healpix_29';
/** Name of the distance that a match adds, arcsec. */
export const DISTANCE_COLUMN = '_dist_arcsec';

/** What rows of a node look like. */
export interface Schema {
  /** Name for suffixes and titles: the catalog's, or `left_x_right`. */
  readonly name: string;
  /** In output order. */
  readonly columns: readonly Column[];
  /**
   * Names that positions and spatial index have or would have: they can be named in expressions and are written
   * to HATS catalogs even when they are not among `columns`.
   */
  readonly ra: Column;
  readonly dec: Column;
  readonly healpix?: HealpixColumn;
}

const cache = new WeakMap<PlanNode, Schema>();

/** The schema of `plan`. */
export function schemaOf(plan: PlanNode): Schema {
  const known = cache.get(plan);
  if (known !== undefined) return known;
  const schema = makeSchema(plan);
  cache.set(plan, schema);
  return schema;
}

/** Columns that expressions may name: the visible ones, then position and index where hidden. */
export function namableColumns(schema: Schema): readonly Column[] {
  const names = new Set(schema.columns.map(({ name }) => name));
  const index: Column[] =
    schema.healpix === undefined ? [] : [{ name: schema.healpix.name, type: 'BIGINT' }];
  const hidden = [schema.ra, schema.dec, ...index].filter(({ name }) => !names.has(name));
  return [...schema.columns, ...hidden];
}

function makeSchema(plan: PlanNode): Schema {
  switch (plan.kind) {
    case 'scan':
      return scanSchema(plan);
    case 'filter':
    case 'region':
    case 'limit':
      return schemaOf(plan.input);
    case 'select': {
      const input = schemaOf(plan.input);
      const byName = new Map(namableColumns(input).map((column) => [column.name, column]));
      return { ...input, columns: plan.columns.map((name) => byName.get(name)!) };
    }
    case 'match':
      return matchSchema(plan);
    default:
      return neverKind(plan);
  }
}

function scanSchema({ catalog, columns }: ScanNode): Schema {
  const byName = new Map(catalog.columns.map((column) => [column.name, column]));
  return {
    name: catalog.name,
    columns: columns.map((name) => byName.get(name)!),
    ra: byName.get(catalog.raColumn!)!,
    dec: byName.get(catalog.decColumn!)!,
    ...(catalog.healpix === undefined ? {} : { healpix: catalog.healpix }),
  };
}

function matchSchema(plan: MatchNode): Schema {
  const left = schemaOf(plan.left);
  const right = schemaOf(plan.right);
  const { names } = plan;
  const columns: Column[] = left.columns.map((c) => ({ ...c, name: names.left[c.name]! }));
  for (const column of right.columns) {
    const name = names.right[column.name]!;
    if (name !== null) columns.push({ ...column, name });
  }
  columns.push({
    name: DISTANCE_COLUMN,
    type: 'DOUBLE',
    unit: 'arcsec',
    description: 'Angular distance of the matched pair',
  });
  return {
    name: `${left.name}_x_${right.name}`,
    columns,
    ra: { ...left.ra, name: names.left[left.ra.name]! },
    dec: { ...left.dec, name: names.left[left.dec.name]! },
    ...(left.healpix === undefined ? {} : { healpix: left.healpix }),
  };
}

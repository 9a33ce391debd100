/** The columns of every plan node, known without reading data. */
import type { Column, HealpixColumn } from '../../catalogs/types.ts';
import { requestError } from '../../partitioning/error.ts';
import type { Field } from '../expression/fields.ts';
import { elementType, nestOf, nestType } from '../expression/nest-type.ts';
import { outputType } from '../user/types.ts';
import {
  type ComputedColumn,
  type ComputeNode,
  type ExplodeNode,
  type JoinNode,
  type MatchNode,
  type NestNode,
  neverKind,
  type PlanNode,
  type RowsNode,
  type ScanNode,
  type TableNode,
} from './node.ts';

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
   * to HATS catalogs even when they are not among `columns`. Absent for rows without positions, as of an association.
   */
  readonly ra?: Column;
  readonly dec?: Column;
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
  const hidden = [schema.ra, schema.dec, ...index].filter((column) => column !== undefined);
  return [...schema.columns, ...hidden.filter(({ name }) => !names.has(name))];
}

/** The position columns. Throws the request error for rows without. */
export function positionOf({ name, ra, dec }: Schema): {
  readonly ra: Column;
  readonly dec: Column;
} {
  if (ra === undefined || dec === undefined) {
    throw requestError(
      `${name} has no positions`,
      'It can only be the right side of a join; see `through` and `mergeAsof`.',
    );
  }
  return { ra, dec };
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
    case 'compute':
      return computeSchema(plan);
    case 'explode':
      return explodeSchema(plan);
    case 'match':
      return matchSchema(plan);
    case 'join':
      return pairSchema(plan, schemaOf(plan.left).name);
    case 'nest':
      return nestSchema(plan);
    case 'user-rows':
      return rowsSchema(plan);
    case 'user-table':
      return tableSchema(plan);
    default:
      return neverKind(plan);
  }
}

function scanSchema({ catalog, columns }: ScanNode): Schema {
  const byName = new Map(catalog.columns.map((column) => [column.name, column]));
  return {
    name: catalog.name,
    columns: columns.map((name) => byName.get(name)!),
    ...(catalog.raColumn === undefined || catalog.decColumn === undefined
      ? {}
      : { ra: byName.get(catalog.raColumn)!, dec: byName.get(catalog.decColumn)! }),
    ...(catalog.healpix === undefined ? {} : { healpix: catalog.healpix }),
  };
}

/** What a column whose type is not settled yet says of it. */
export const UNSETTLED = 'UNKNOWN';

/** A column on whose type a plan depends. Throws a request error where that is not settled yet. */
export function settledColumn(column: Column): Column {
  if (column.type !== UNSETTLED) return column;
  throw requestError(
    `the type of ${column.name} is known when the query runs, and is needed now`,
    'Only columns of catalogs and of user code have a type before. Write the catalog with this one first.',
  );
}

function computeSchema(plan: ComputeNode): Schema {
  const input = schemaOf(plan.input);
  const columns = [...input.columns];
  for (const computed of plan.columns) {
    const at = columns.findIndex(({ name }) => name === computed.name);
    const column = computedColumn(computed, input);
    if (at < 0) columns.push(column);
    else columns[at] = column;
  }
  return { ...input, columns };
}

function computedColumn(computed: ComputedColumn, input: Schema): Column {
  const { name } = computed;
  const typeOf = (column: string) => input.columns.find((c) => c.name === column)!.type;
  switch (computed.kind) {
    case 'value':
      return { name, type: computed.type ?? UNSETTLED };
    case 'lists': {
      const fields = computed.fields.map((field) => ({
        name: field.name,
        type: elementType(typeOf(field.column))!,
      }));
      return { name, type: nestType(fields) };
    }
    case 'where':
    case 'sort':
    case 'fields': {
      const old = input.columns.find((c) => c.name === name)!;
      return { ...old, type: nestType(fieldsOf(old.type, computed.fields)) };
    }
    default:
      throw new Error(`unknown computed column ${JSON.stringify(computed satisfies never)}`);
  }
}

/** The named fields of a nested type. */
function fieldsOf(type: string, names: readonly string[]): Field[] {
  const { fields } = nestOf(type)!;
  return names.map((name) => fields.find((field) => field.name === name)!);
}

function explodeSchema(plan: ExplodeNode): Schema {
  const input = schemaOf(plan.input);
  const { type } = input.columns.find(({ name }) => name === plan.column)!;
  const fields = nestOf(type)?.fields ?? [{ name: plan.column, type: elementType(type)! }];
  const columns = input.columns.flatMap((column): Column[] => {
    if (column.name !== plan.column) return [column];
    return fields.flatMap((field) => {
      const name = plan.names[field.name];
      return name === undefined ? [] : [{ name, type: field.type }];
    });
  });
  return { ...input, columns };
}

/** Column of messages that the policy `collect` adds. */
export const ERROR_COLUMN = '_error';

function rowsSchema({ input, outputs, onError }: RowsNode): Schema {
  const schema = schemaOf(input);
  const more: Column[] = (outputs ?? []).map((output) => ({
    name: output.name,
    type: outputType(output),
  }));
  if (onError === 'collect') {
    more.push({
      name: ERROR_COLUMN,
      type: 'VARCHAR',
      description: 'What user code failed with; null where it did not',
    });
  }
  return { ...schema, columns: [...schema.columns, ...more] };
}

/** Positions are known by the names they had; the index is that of the positions. */
function tableSchema({ input, outputs }: TableNode): Schema {
  const { name, ra, dec, columns } = schemaOf(input);
  const old = new Map(columns.map((column) => [column.name, column]));
  const made = (outputs ?? []).map((output): Column => ({ ...old.get(output.name), ...output }));
  const find = (column: Column | undefined) => made.find((c) => c.name === column?.name);
  const [newRa, newDec] = [find(ra), find(dec)];
  return {
    name,
    columns: made,
    ...(newRa === undefined || newDec === undefined ? {} : { ra: newRa, dec: newDec }),
  };
}

function nestSchema({ of, column, fields }: NestNode): Schema {
  const left = schemaOf(of.left);
  const right = namableColumns(schemaOf(of.right));
  const type = nestType(
    fields.map((field) => ({
      name: field.name,
      type:
        field.column === null ? 'DOUBLE' : right.find(({ name }) => name === field.column)!.type,
    })),
  );
  return { ...left, columns: [...left.columns, { name: column, type }] };
}

function matchSchema(plan: MatchNode): Schema {
  const name = `${schemaOf(plan.left).name}_x_${schemaOf(plan.right).name}`;
  const schema = pairSchema(plan, name);
  const distance = {
    name: DISTANCE_COLUMN,
    type: 'DOUBLE',
    unit: 'arcsec',
    description: 'Angular distance of the matched pair',
  };
  return { ...schema, columns: [...schema.columns, distance] };
}

function pairSchema(plan: MatchNode | JoinNode, name: string): Schema {
  const left = schemaOf(plan.left);
  const right = schemaOf(plan.right);
  const { names } = plan;
  const columns: Column[] = left.columns.map((c) => ({ ...c, name: names.left[c.name]! }));
  for (const column of right.columns) {
    const renamed = names.right[column.name]!;
    if (renamed !== null) columns.push({ ...column, name: renamed });
  }
  return {
    name,
    columns,
    ...(left.ra === undefined || left.dec === undefined
      ? {}
      : {
          ra: { ...left.ra, name: names.left[left.ra.name]! },
          dec: { ...left.dec, name: names.left[left.dec.name]! },
        }),
    ...(left.healpix === undefined ? {} : { healpix: left.healpix }),
  };
}

/**
 * The schema of a Parquet file as columns with DuckDB type texts: exactly the types with which DuckDB reads
 * the file, found without asking it. The rules were read off DuckDB 1.5 (`DESCRIBE` over files of pyarrow and
 * of DuckDB itself); a test repeats the comparison.
 */
import type { SchemaElement } from 'hyparquet';
import { structTypeText } from './duckdb-type.ts';
import type { Column } from './types.ts';

/** One stored column: a leaf of the schema tree. */
export interface SchemaLeaf {
  /** Names from the top-level column down to the leaf, list and map wrappers included. */
  readonly path: readonly string[];
  /** Dotted name as users write it, wrappers left out: `lc.mag`. */
  readonly name: string;
  /** DuckDB type of the values. */
  readonly type: string;
}

export interface ParquetSchema {
  /** Top-level columns, in file order. */
  readonly columns: readonly Column[];
  /** Leaves in file order: the order of the column chunks of a row group. */
  readonly leaves: readonly SchemaLeaf[];
}

/** Reads the flattened, depth-first schema of a Parquet footer. */
export function parquetSchemaOf(elements: readonly SchemaElement[]): ParquetSchema {
  const leaves: SchemaLeaf[] = [];
  const reader = { elements, next: 1, leaves };
  const columns: Column[] = [];
  while (reader.next < elements.length) {
    const name = elements[reader.next]!.name;
    columns.push({ name, type: readNode(reader, { path: [name], name, parent: elements[0]! }) });
  }
  return { columns, leaves };
}

interface SchemaReader {
  readonly elements: readonly SchemaElement[];
  next: number;
  readonly leaves: SchemaLeaf[];
}

interface Place {
  readonly path: readonly string[];
  readonly name: string;
  readonly parent: SchemaElement;
}

/** Consumes one node with all below it; returns its DuckDB type. */
function readNode(reader: SchemaReader, place: Place): string {
  const element = reader.elements[reader.next]!;
  reader.next += 1;
  const repeated = element.repetition_type === 'REPEATED';
  const childCount = element.num_children ?? 0;
  if (childCount === 0) {
    const type = leafType(element);
    reader.leaves.push({ path: place.path, name: place.name, type });
    return repeated ? `${type}[]` : type;
  }
  const isKeyValue = element.converted_type === 'MAP_KEY_VALUE' || isMap(place.parent);
  // A lone child of a list, map or repeated group is a wrapper of the format: its name is not the user's.
  const isWrapped = childCount === 1 && (isList(element) || isMap(element) || repeated);
  const fields: { name: string; type: string }[] = [];
  for (let i = 0; i < childCount; i += 1) {
    const child = reader.elements[reader.next];
    if (child === undefined) throw new Error(`the schema ends inside ${place.name}`);
    const name = isWrapped ? place.name : `${place.name}.${child.name}`;
    const path = [...place.path, child.name];
    fields.push({ name: child.name, type: readNode(reader, { path, name, parent: element }) });
  }
  if (element.logical_type?.type === 'VARIANT') return 'VARIANT';
  if (isKeyValue && childCount === 2) return `MAP(${fields[0]!.type}, ${fields[1]!.type})`;
  const type = isWrapped ? fields[0]!.type : structTypeText(fields);
  return repeated ? `${type}[]` : type;
}

function isList(element: SchemaElement): boolean {
  return element.converted_type === 'LIST' || element.logical_type?.type === 'LIST';
}

function isMap(element: SchemaElement): boolean {
  return element.converted_type === 'MAP' || element.logical_type?.type === 'MAP';
}

function leafType(element: SchemaElement): string {
  switch (element.type) {
    case 'BOOLEAN':
      return 'BOOLEAN';
    case 'INT32':
    case 'INT64':
      return integerType(element);
    case 'INT96':
      return 'TIMESTAMP';
    case 'FLOAT':
      return 'FLOAT';
    case 'DOUBLE':
      return 'DOUBLE';
    case 'BYTE_ARRAY':
    case 'FIXED_LEN_BYTE_ARRAY':
      return bytesType(element);
    default:
      throw new Error(`the column ${element.name} has the unknown type ${element.type}`);
  }
}

function integerType(element: SchemaElement): string {
  const logical = element.logical_type;
  if (logical?.type === 'TIMESTAMP') {
    if (logical.isAdjustedToUTC) return 'TIMESTAMP WITH TIME ZONE';
    return logical.unit === 'NANOS' ? 'TIMESTAMP_NS' : 'TIMESTAMP';
  }
  if (logical?.type === 'TIME') {
    if (logical.isAdjustedToUTC) return 'TIME WITH TIME ZONE';
    return logical.unit === 'NANOS' ? 'TIME_NS' : 'TIME';
  }
  if (logical?.type === 'INTEGER') return wholeType(logical.bitWidth, logical.isSigned);
  const converted = element.converted_type ?? '';
  const width = /^(U?)INT_(8|16|32|64)$/.exec(converted);
  if (width !== null) return wholeType(Number(width[2]), width[1] === '');
  if (converted === 'DECIMAL') return decimalType(element);
  if (converted === 'DATE') return 'DATE';
  if (converted.startsWith('TIMESTAMP_')) return 'TIMESTAMP';
  if (converted.startsWith('TIME_')) return 'TIME';
  return element.type === 'INT32' ? 'INTEGER' : 'BIGINT';
}

const SIGNED: Readonly<Record<number, string>> = {
  8: 'TINYINT',
  16: 'SMALLINT',
  32: 'INTEGER',
  64: 'BIGINT',
};

function wholeType(bits: number, signed: boolean): string {
  const name = SIGNED[bits] ?? 'BIGINT';
  return signed ? name : `U${name}`;
}

function decimalType(element: SchemaElement): string {
  const logical = element.logical_type;
  const [precision, scale] =
    logical?.type === 'DECIMAL'
      ? [logical.precision, logical.scale]
      : [element.precision, element.scale];
  return `DECIMAL(${precision},${scale ?? 0})`;
}

function bytesType(element: SchemaElement): string {
  const logical = element.logical_type;
  if (element.converted_type === 'DECIMAL' || logical?.type === 'DECIMAL')
    return decimalType(element);
  if (logical?.type === 'FLOAT16') return 'FLOAT';
  if (logical?.type === 'UUID') return 'UUID';
  if (logical?.type === 'GEOMETRY') return `GEOMETRY('${logical.crs ?? 'OGC:CRS84'}')`;
  if (element.converted_type === 'INTERVAL') return 'INTERVAL';
  if (element.converted_type === 'JSON' || logical?.type === 'JSON') return 'JSON';
  return isText(element) ? 'VARCHAR' : 'BLOB';
}

function isText(element: SchemaElement): boolean {
  const logical = element.logical_type?.type;
  const converted = element.converted_type;
  return logical === 'STRING' || logical === 'ENUM' || converted === 'UTF8' || converted === 'ENUM';
}

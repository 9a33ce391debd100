/**
 * Footers of spool entries: the footer of a Parquet file, rewritten for a file that holds some of its column chunks
 * only. The schema stays whole, so that a column which is not there is known to be missing: reading it fails, where a
 * column that the schema does not name would silently be null. Field numbers are those of parquet.thrift in the Apache
 * Parquet format repository.
 */
import {
  type FooterParts,
  footerTail,
  joinFooter,
  splitFooter,
  withKeyValue,
} from '../parquet-footer-parts.ts';
import {
  readFields,
  readStructs,
  type ThriftField,
  ThriftReader,
  ThriftWriter,
  writeFields,
  writeStructs,
} from '../parquet-thrift.ts';

/** RowGroup fields. */
const GROUP = { columns: 1, fileOffset: 5, ordinal: 7, rows: 3 };
/** ColumnChunk fields that are kept; paths, page indexes and encryption point to bytes that are not there. */
const CHUNK = { fileOffset: 2, metaData: 3 };
/** ColumnMetaData fields. */
const META = { dataPage: 9, indexPage: 10, dictionaryPage: 11, bloomOffset: 14, bloomLength: 15 };

/** Where absent chunks are said to be: no file reaches that far, so reading one is an error. */
export const ABSENT_OFFSET = 2 ** 50;

/** Where each chunk of a kept row group lies in the new file; −1: it is not there. */
export interface PlacedGroup {
  /** Number of the row group in the original file. */
  readonly group: number;
  /** One entry per leaf column, in file order. */
  readonly starts: readonly number[];
}

/**
 * The closing bytes of a file that holds the chunks of `groups`: metadata, length and magic number.
 * @param metadata the original's encoded FileMetaData
 * @param note kept as key-value entry `key`
 * @throws RangeError when the metadata are damaged
 */
export function denseFooter(
  metadata: Uint8Array,
  groups: readonly PlacedGroup[],
  note: { readonly key: string; readonly value: string },
): Uint8Array {
  const parts = splitFooter(metadata);
  let rows = 0;
  const rowGroups = groups.map(({ group, starts }, i) => {
    const encoded = parts.rowGroups[group];
    if (encoded === undefined) throw new RangeError(`there is no row group ${group}`);
    const placed = placeGroup(encoded, starts, i);
    rows += placed.rows;
    return placed.bytes;
  });
  const dense: FooterParts = {
    fields: withKeyValue(parts.fields, note.key, note.value),
    rows,
    rowGroups,
  };
  const joined = joinFooter(dense);
  const out = new Uint8Array(joined.length + 8);
  out.set(joined);
  out.set(footerTail(joined.length), joined.length);
  return out;
}

function placeGroup(
  encoded: Uint8Array,
  starts: readonly number[],
  ordinal: number,
): { bytes: Uint8Array; rows: number } {
  let rows = 0;
  const fields: ThriftField[] = [];
  for (const field of readFields(new ThriftReader(encoded))) {
    if (field.id === GROUP.columns) {
      const chunks = readStructs(field.value);
      if (chunks.length !== starts.length) {
        throw new RangeError(`a row group has ${chunks.length} of ${starts.length} columns`);
      }
      const placed = chunks.map((chunk, c) => placeChunk(chunk, starts[c]!));
      fields.push({ ...field, value: writeStructs(placed) });
    } else if (field.id === GROUP.ordinal) {
      fields.push({ ...field, value: new ThriftWriter().zigzag(ordinal).bytes() });
    } else if (field.id !== GROUP.fileOffset) {
      if (field.id === GROUP.rows) rows = new ThriftReader(field.value).zigzag();
      fields.push(field);
    }
  }
  return { bytes: structOf(fields), rows };
}

function placeChunk(encoded: Uint8Array, start: number): Uint8Array {
  const fields: ThriftField[] = [];
  for (const field of readFields(new ThriftReader(encoded))) {
    if (field.id === CHUNK.fileOffset) {
      fields.push({ ...field, value: new ThriftWriter().zigzag(0).bytes() });
    } else if (field.id === CHUNK.metaData) {
      fields.push({ ...field, value: placeMetaData(field.value, start) });
    }
  }
  return structOf(fields);
}

/** Pages keep their distances from the chunk's start. */
function placeMetaData(encoded: Uint8Array, start: number): Uint8Array {
  const all = readFields(new ThriftReader(encoded));
  const offsetOf = (id: number) => {
    const found = all.find((field) => field.id === id);
    return found === undefined ? 0 : new ThriftReader(found.value).zigzag();
  };
  const data = offsetOf(META.dataPage);
  const dictionary = offsetOf(META.dictionaryPage);
  const from = dictionary > 0 ? Math.min(dictionary, data) : data;
  const moved = (offset: number) => new ThriftWriter().zigzag(offset - from + start).bytes();
  const fields: ThriftField[] = [];
  for (const field of all) {
    if (field.id === META.bloomOffset || field.id === META.bloomLength) continue;
    if (field.id === META.indexPage) continue;
    if (field.id === META.dataPage) {
      fields.push({
        ...field,
        value: start < 0 ? new ThriftWriter().zigzag(ABSENT_OFFSET).bytes() : moved(data),
      });
    } else if (field.id === META.dictionaryPage) {
      if (start >= 0 && dictionary > 0) fields.push({ ...field, value: moved(dictionary) });
    } else {
      fields.push(field);
    }
  }
  return structOf(fields);
}

function structOf(fields: readonly ThriftField[]): Uint8Array {
  const writer = new ThriftWriter();
  writeFields(writer, fields);
  return writer.stop().bytes();
}

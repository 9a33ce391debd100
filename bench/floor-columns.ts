/** All columns of some files decoded, and as many rows of them encoded, with nothing around that. */
import { type ColumnValues, type EncodedChunk, encodeChunk } from '../catalogs/parquet-encode.ts';
import { GroupWriter } from '../catalogs/parquet-write.ts';
import { plainType } from '../catalogs/plain-type.ts';
import { decodeMemory, openPlainScan, plainRows } from '../engine/run/plain-scan.ts';

export interface DecodedColumn {
  readonly name: string;
  readonly type: string;
  readonly rows: number;
  readonly values: ColumnValues;
  /** Values are overwritten by the next column: these stay. */
  copy(): DecodedColumn;
}

const TEXT_BYTES = 2 ** 28;

/** The columns of these files, one after the other, all rows of each. */
export function* decodeFiles(files: readonly string[]): Generator<DecodedColumn, void, void> {
  const all = plainRows(files);
  const rows = all?.files.reduce((sum, file) => sum + file.rows, 0) ?? 0;
  const columns = all?.spec.columns ?? [];
  const names = columns.map(({ name }) => name);
  const scan = all === null ? null : openPlainScan(all, names, { from: 0, to: rows });
  if (scan === null) throw new Error(`${files[0]} cannot be read past the database`);
  const memory = decodeMemory(rows);
  try {
    for (const { name, type } of columns) {
      const values = scan.read(name, memory, TEXT_BYTES, () => {});
      if (values === null || values === 'too large')
        throw new Error(`${name} cannot be read past the database`);
      yield decoded(name, type, rows, values);
    }
  } finally {
    scan.close();
  }
}

function decoded(name: string, type: string, rows: number, values: ColumnValues): DecodedColumn {
  const copy = () =>
    decoded(name, type, rows, {
      ...values,
      words: values.words.slice(),
      valid: values.valid?.slice() ?? null,
    });
  return { name, type, rows, values, copy };
}

/** As many rows of a row group as the engine writes. */
const GROUP_ROWS = 100_000;

/** Writes rows of all columns side by side, under numbers; `places`: where the rows of each column are. */
export function encodeFile(
  path: string,
  columns: readonly DecodedColumn[],
  places: readonly Int32Array[],
): void {
  const codec = { compression: 'zstd' } as const;
  const named = columns.map(({ type }, i) => ({ name: `c${i}`, type }));
  const writer = new GroupWriter(path, named, codec);
  const rows = places[0]!.length;
  for (let from = 0; from < rows; from += GROUP_ROWS) {
    const range = { mayMiss: false, from, to: Math.min(rows, from + GROUP_ROWS) };
    writer.add(
      columns.map(({ type, values }, i): EncodedChunk => {
        const chunk = encodeChunk(
          plainType(type)!,
          values,
          { ...range, places: places[i]! },
          codec,
        );
        if (chunk === null) throw new Error(`the texts of ${columns[i]!.name} are too long`);
        return chunk;
      }),
    );
  }
  writer.end();
}

/** The first rows of a column; where there are fewer they begin again. */
export function firstPlaces(column: DecodedColumn, rows: number): Int32Array {
  const places = new Int32Array(rows);
  for (let i = 0; i < rows; i++) places[i] = i % column.rows;
  return places;
}

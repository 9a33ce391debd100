/** Parquet bytes ⇄ Arrow, through parquet-wasm. Its heap never shrinks, so everything is handed over at once. */
import type { Table } from 'apache-arrow';
import type { ParquetOptions } from '../task.ts';

/** How DuckDB writes for this bridge: parquet-wasm is fast on uncompressed pages, slow on zstd. */
export const ARROW_BRIDGE: ParquetOptions = { compression: 'uncompressed', rowGroupRows: 122_880 };

/** Loaded at first use: starting a count must not pay for it. */
const parquetWasm = () => import('parquet-wasm');

/** A Parquet file's rows as an Arrow IPC stream. */
export async function arrowStream(parquet: Uint8Array): Promise<Uint8Array> {
  const { readParquet } = await parquetWasm();
  return readParquet(parquet).intoIPCStream();
}

/** An Arrow table as an uncompressed Parquet file. */
export async function parquetOf(table: Table): Promise<Uint8Array> {
  const [wasm, { tableToIPC }] = await Promise.all([parquetWasm(), import('apache-arrow')]);
  const properties = new wasm.WriterPropertiesBuilder()
    .setCompression(wasm.Compression.UNCOMPRESSED)
    .build();
  return wasm.writeParquet(wasm.Table.fromIPCStream(tableToIPC(table, 'stream')), properties);
}

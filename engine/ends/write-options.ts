/** Options of everything that writes a catalog, and their checks. */
import { requestError } from '../../partitioning/error.ts';
import { checkRunSettings, type RunSettings } from '../runtime.ts';
import type { ParquetOptions } from '../task.ts';
import type { RunSummary } from './run.ts';

/** Order of the count maps that come with a catalog, as LSDB writes them. */
export const CATALOG_MAP_ORDER = 8;
const DEFAULT_ROWS_PER_PARTITION = 1_000_000;
/** Rows of a row group: small enough that a reader can skip, as the HATS maintainers advise. */
const ROW_GROUP_ROWS = 100_000;
/** A row with lists, such as a light curve, takes the place of so many rows of numbers. */
const ROWS_PER_NESTED_ROW = 10;

export interface WriteMarginOptions extends RunSettings {
  /** Name of the catalog; default: the last part of the path, of a margin that of its catalog and its threshold. */
  readonly name?: string;
  readonly compression?: ParquetOptions['compression'];
  readonly compressionLevel?: number;
  readonly overwrite?: boolean;
}

/** A generated catalog has its partitions in what is generated. */
export interface GenerateOptions extends WriteMarginOptions {
  /** Threshold of a margin catalog to write beside it, arcsec; the output is a collection then. */
  readonly marginArcsec?: number;
}

export interface WriteHatsOptions extends GenerateOptions {
  /** Most rows of a partition, default 1,000,000, or 100,000 where there are columns of lists. */
  readonly rowsPerPartition?: number;
  /** Go on from what an interrupted run of the same request left. */
  readonly resume?: boolean;
}

export interface WriteResult extends RunSummary {
  readonly output: string;
  readonly partitions: number;
  /** Bytes written, data and metadata. */
  readonly bytes: number;
}

/** Refuses what no run could do. */
export function checkWriteOptions(options: WriteHatsOptions): void {
  checkRunSettings(options);
  checkCompression(options);
  const { rowsPerPartition, marginArcsec } = options;
  if (
    rowsPerPartition !== undefined &&
    !(Number.isSafeInteger(rowsPerPartition) && rowsPerPartition > 0)
  ) {
    throw requestError(`rows per partition ${rowsPerPartition} is not a positive whole number`);
  }
  if (marginArcsec !== undefined && !(marginArcsec > 0 && marginArcsec <= 36_000)) {
    throw requestError(`margin ${marginArcsec}″ is not above 0″ and at most 36000″ (10°)`);
  }
}

/** Refuses levels that zstd does not have. */
export function checkCompression({
  compressionLevel: level,
}: Pick<WriteHatsOptions, 'compressionLevel'>): void {
  if (level !== undefined && !(Number.isSafeInteger(level) && level >= 1 && level <= 22)) {
    throw requestError(`compression level ${level} is not a whole number from 1 to 22`);
  }
}

/** What tells how large the rows are. */
type Types = readonly { readonly type: string }[];

export function maxRowsOf(options: WriteHatsOptions, columns: Types): number {
  return options.rowsPerPartition ?? DEFAULT_ROWS_PER_PARTITION / weightOf(columns);
}

export function parquetOptions(
  options: Pick<WriteHatsOptions, 'compression' | 'compressionLevel'>,
  columns: Types,
): ParquetOptions {
  return {
    compression: options.compression ?? 'zstd',
    ...(options.compressionLevel === undefined ? {} : { level: options.compressionLevel }),
    rowGroupRows: ROW_GROUP_ROWS / weightOf(columns),
  };
}

function weightOf(columns: Types): number {
  return columns.some(({ type }) => /\[\d*\]/.test(type)) ? ROWS_PER_NESTED_ROW : 1;
}

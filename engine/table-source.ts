/** A plain table (Arrow in memory, or a Parquet file) as a catalog: the small way into HATS. */
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Table } from 'apache-arrow';
import { openCatalogInfo } from '../catalogs/open.ts';
import { readFooter } from '../catalogs/parquet-footer.ts';
import { isRemote } from '../catalogs/path.ts';
import { storeFor } from '../catalogs/store.ts';
import type { Column } from '../catalogs/types.ts';
import { requestError } from '../partitioning/error.ts';
import { checkOptions, type OptionNames } from '../partitioning/options.ts';
import type { Catalog } from './catalog.ts';
import { writeMade } from './ends/write-made.ts';
import type { WriteHatsOptions, WriteResult } from './ends/write-options.ts';
import { catalogOf } from './open-catalog.ts';
import { RUN_SETTINGS, WRITE_HATS } from './option-names.ts';
import { INDEX_COLUMN } from './plan/schema.ts';
import { resolveNames } from './plan/select-names.ts';
import { parquetOf } from './run/arrow-bridge.ts';
import type { RunSettings, Runtime } from './runtime.ts';
import type { ScanSpec, Sink } from './task.ts';

export interface TableOptions {
  /** Columns of the position, degrees. */
  readonly ra: string;
  readonly dec: string;
  readonly name?: string;
}

const KNOWN: OptionNames<TableOptions> = { ra: true, dec: true, name: true };

/** A table that is not yet a catalog. */
export class TableSource {
  readonly #table: Table | string;
  readonly #options: TableOptions;
  readonly #runtime: Runtime;

  /** @param table an Arrow table, or the path or URL of a Parquet file */
  constructor(table: Table | string, options: TableOptions, runtime: Runtime) {
    checkOptions('fromTable', options, KNOWN);
    this.#table = table;
    this.#options = options;
    this.#runtime = runtime;
  }

  /** Sorts the table into a HATS catalog of at most `rowsPerPartition` rows per partition. */
  async writeHats(dir: string, options: WriteHatsOptions = {}): Promise<WriteResult> {
    checkOptions('writeHats', options, WRITE_HATS);
    const temp = await this.#runtime.tempDir();
    try {
      const file = await this.#file(temp);
      const { columns } = await readColumns(file);
      const stored = columns.filter(({ name }) => name !== INDEX_COLUMN);
      const [ra, dec] = resolveNames([this.#options.ra, this.#options.dec], stored, 'in the table');
      checkNumbers(stored, ra!, dec!);
      const index = { name: INDEX_COLUMN, type: 'BIGINT' };
      return await writeMade(
        dir,
        {
          type: 'object',
          raColumn: ra!,
          decColumn: dec!,
          columns: [index, ...stored],
          properties: {},
        },
        (sink) => [
          {
            task: {
              kind: 'table',
              id: 0,
              scan: scanOf(this.#options.name ?? file, ra!, dec!, stored, options),
              files: [file],
              sink: withColumns(sink, stored),
            },
            weight: 1,
          },
        ],
        'table',
        this.#runtime,
        this.#options.name === undefined ? options : { name: this.#options.name, ...options },
      );
    } finally {
      await this.#runtime.removeTempDir(temp);
    }
  }

  /** The table as a catalog that can be queried and matched; kept in a temporary folder of this process. */
  async open(settings: RunSettings = {}): Promise<Catalog> {
    checkOptions('open', settings, RUN_SETTINGS);
    const temp = await this.#runtime.tempDir();
    const dir = join(temp, 'table');
    const name = this.#options.name ?? 'table';
    await this.writeHats(dir, { ...settings, name });
    return catalogOf(await openCatalogInfo(dir, {}), this.#runtime);
  }

  async #file(temp: string): Promise<string> {
    if (typeof this.#table === 'string') {
      return isRemote(this.#table) ? this.#table : resolve(this.#table);
    }
    const file = join(temp, 'table.parquet');
    await writeFile(file, await parquetOf(this.#table));
    return file;
  }
}

async function readColumns(file: string): Promise<{ columns: readonly Column[] }> {
  const footer = await readFooter(file, storeFor(file));
  return { columns: footer.schema };
}

function checkNumbers(columns: readonly Column[], ...names: string[]): void {
  for (const name of names) {
    const { type } = columns.find((column) => column.name === name)!;
    if (!/^(DOUBLE|FLOAT|U?(TINY|SMALL|BIG)?INT(EGER)?|UINTEGER|DECIMAL.*)$/.test(type)) {
      throw requestError(`column "${name}" holds ${type}, not numbers`, 'Positions are degrees.');
    }
  }
}

function scanOf(
  label: string,
  ra: string,
  dec: string,
  columns: readonly Column[],
  options: RunSettings,
): ScanSpec {
  return {
    label,
    ra,
    dec,
    columns: columns.map(({ name, type }) => ({ name, type })),
    allColumns: columns.map(({ name, type }) => ({ name, type })),
    filters: [],
    regions: [],
    dropInvalid: options.dropInvalid === true,
    reachArcsec: 0,
  };
}

function withColumns<T extends Extract<Sink, { kind: 'pieces' }>>(
  sink: T,
  columns: readonly Column[],
): T {
  return {
    ...sink,
    columns: [
      { name: INDEX_COLUMN, type: 'BIGINT', ref: { kind: 'index' } },
      ...columns.map(({ name, type }) => ({
        name,
        type,
        ref: { kind: 'scan', scan: 0, column: name } as const,
      })),
    ],
  };
}

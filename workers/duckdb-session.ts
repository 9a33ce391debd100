/**
 * The engine's session over DuckDB. Statements are prepared, started and then run slice by slice on this thread:
 * DuckDB's own asynchronous calls would occupy libuv's four process-wide threads, and could not be stopped.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBMaterializedResult,
  DuckDBPendingResultState,
  JSDuckDBValueConverter,
} from '@duckdb/node-api';
import type {
  NumericColumn,
  NumericKind,
  ResultColumn,
  Session,
  TableColumn,
  ValueBatch,
} from '../engine/session.ts';
import { abortedError } from '../partitioning/error.ts';
import { bytesHeld, readColumns } from './duckdb-columns.ts';
import { databaseError } from './duckdb-error.ts';
import { bindFiles, filesApart } from './duckdb-files.ts';
import { appendColumns, tableRows, tableTypes } from './duckdb-table.ts';
import { readBatches } from './duckdb-values.ts';

export interface SessionOptions {
  readonly memoryLimitBytes: number;
  /** Folder below which DuckDB may spill; made where it is not there. */
  readonly spillDir: string;
  /** False for a session that only checks expressions: it reaches no file at all. */
  readonly files?: boolean;
  /** Told of every result read: bytes of native memory that wait for a garbage collection. */
  readonly onResult?: (bytes: number) => void;
}

/** Opens an in-memory database for one thread. */
export async function openSession(options: SessionOptions): Promise<Session> {
  // Spill files have the same names in every instance: two in one folder would read the pages of one another.
  mkdirSync(options.spillDir, { recursive: true });
  const spillDir = mkdtempSync(join(options.spillDir, 'session-'));
  const instance = await DuckDBInstance.create(':memory:', {
    threads: '1',
    memory_limit: `${Math.max(64, Math.floor(options.memoryLimitBytes / 2 ** 20))}MiB`,
    temp_directory: spillDir,
    // Nothing may be fetched or loaded behind the user's back.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    // The engine writes joins with the streamed side first; DuckDB's guess costs a third more.
    disabled_optimizers: 'join_order,build_side_probe_side',
    // The operating system caches files already; a second copy would not be counted in our shares.
    enable_external_file_cache: 'false',
  });
  const connection = await instance.connect();
  const session = new DuckDBSession(instance, connection, { ...options, spillDir });
  // A task reads the same footers several times: positions, then columns.
  await session.run('SET parquet_metadata_cache = true');
  // Texts of times must not depend on the machine.
  await session.run("SET TimeZone = 'UTC'");
  if (options.files === false) await session.run('SET enable_external_access = false');
  await session.run('SET lock_configuration = true');
  return session;
}

/** How long a statement keeps the event loop waiting. */
const TURN_MS = 20;

class DuckDBSession implements Session {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  #stopFlag: Int32Array | null = null;
  /** The statement before: a connection ends the one that runs when another is prepared. */
  #last: Promise<unknown> = Promise.resolve();
  readonly #onResult: (bytes: number) => void;
  /** This session's own. */
  readonly #spillDir: string;

  constructor(instance: DuckDBInstance, connection: DuckDBConnection, options: SessionOptions) {
    this.#instance = instance;
    this.#connection = connection;
    this.#onResult = options.onResult ?? (() => {});
    this.#spillDir = options.spillDir;
  }

  stopAt(flag: Int32Array): void {
    this.#stopFlag = flag;
  }

  checkStop(): void {
    if (this.#stopFlag !== null && Atomics.load(this.#stopFlag, 0) !== 0) throw abortedError();
  }

  async run(sql: string): Promise<number> {
    const result = await this.#execute(sql);
    // COPY and INSERT answer with one row: the number of rows.
    if (result.chunkCount > 0 && result.columnCount === 1 && result.columnName(0) === 'Count') {
      return Number(result.getChunk(0).getColumnValues(0)[0]);
    }
    return 0;
  }

  async columns(
    sql: string,
    kinds: readonly NumericKind[],
  ): Promise<{ rows: number; columns: NumericColumn[] }> {
    const read = await readColumns(await this.#execute(sql), kinds, () => this.checkStop());
    this.#onResult(bytesHeld(read.rows, kinds.length));
    return read;
  }

  async values(sql: string, types: readonly string[]): Promise<AsyncIterable<ValueBatch>> {
    return readBatches(await this.#execute(sql), types);
  }

  async rows(sql: string): Promise<Record<string, unknown>[]> {
    const result = await this.#execute(sql);
    const names = result.columnNames();
    const rows: Record<string, unknown>[] = [];
    for (let i = 0; i < result.chunkCount; i++) {
      for (const values of result.getChunk(i).convertRows(JSDuckDBValueConverter)) {
        rows.push(Object.fromEntries(names.map((name, c) => [name, values[c]])));
      }
    }
    return rows;
  }

  describe(sql: string): Promise<ResultColumn[]> {
    return this.#alone(async () => {
      const statement = await this.#prepare(sql);
      try {
        return Array.from({ length: statement.columnCount }, (_, i) => ({
          name: statement.columnName(i),
          type: statement.columnType(i).toString(),
        }));
      } finally {
        statement.destroySync();
      }
    });
  }

  async createTable(
    name: string,
    columns: readonly TableColumn[],
    from = 0,
    to = tableRows(columns),
  ): Promise<void> {
    const list = tableTypes(columns).map(({ column, type }) => `"${column}" ${type}`);
    await this.run(`CREATE OR REPLACE TEMP TABLE ${name} (${list.join(', ')})`);
    await this.appendTable(name, columns, from, to);
  }

  appendTable(
    name: string,
    columns: readonly TableColumn[],
    from = 0,
    to = tableRows(columns),
  ): Promise<void> {
    return this.#alone(async () => {
      const appender = await this.#connection.createAppender(name);
      try {
        appendColumns(appender, columns, from, to, () => this.checkStop());
      } finally {
        appender.closeSync();
      }
    });
  }

  async dropTable(name: string): Promise<void> {
    await this.run(`DROP TABLE IF EXISTS ${name}`);
  }

  close(): void {
    this.#connection.closeSync();
    this.#instance.closeSync();
    try {
      rmSync(this.#spillDir, { recursive: true, force: true });
    } catch {
      // It goes with the folder that it is in; an error that closed the session matters more.
    }
  }

  async #prepare(sql: string) {
    try {
      return await this.#connection.prepare(sql);
    } catch (error) {
      throw databaseError(error);
    }
  }

  /** Runs `work` once nothing else runs: on the main thread several queries are checked at a time. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  #execute(sql: string): Promise<DuckDBMaterializedResult> {
    return this.#alone(() => this.#executeAlone(sql));
  }

  async #executeAlone(sql: string): Promise<DuckDBMaterializedResult> {
    this.checkStop();
    const apart = filesApart(sql);
    const statement = await this.#prepare(apart.sql);
    try {
      bindFiles(statement, apart);
      const pending = statement.start();
      let state = pending.runTask();
      let turn = performance.now();
      while (state !== DuckDBPendingResultState.RESULT_READY) {
        this.checkStop();
        const now = performance.now();
        // The event loop gets a turn when DuckDB waits for something (a spill write), and now and then: on the
        // main thread that is how an interrupt arrives.
        if (state === DuckDBPendingResultState.NO_TASKS_AVAILABLE || now - turn > TURN_MS) {
          await new Promise((resolve) => setImmediate(resolve));
          turn = now;
        }
        state = pending.runTask();
      }
      return (await pending.getResult()) as DuckDBMaterializedResult;
    } catch (error) {
      throw databaseError(error);
    } finally {
      statement.destroySync();
    }
  }
}

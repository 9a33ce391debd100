/** The part of the session port that expressions use, over DuckDB, for tests that know no worker. */
import {
  DuckDBInstance,
  DuckDBPendingResultState,
  type DuckDBResult,
  JSDuckDBValueConverter,
} from '@duckdb/node-api';
import type { ResultColumn, Session } from '../../engine/session.ts';

/** A session that counts what it is asked. */
export interface TestSession extends Session {
  readonly asked: string[];
}

/** Opens an in-memory database with one thread. */
export async function openTestSession(): Promise<TestSession> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '400MB' });
  const connection = await instance.connect();
  const asked: string[] = [];

  async function execute(sql: string): Promise<DuckDBResult> {
    asked.push(sql);
    const statement = await connection.prepare(sql);
    try {
      const pending = statement.start();
      while (pending.runTask() !== DuckDBPendingResultState.RESULT_READY) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      return await pending.getResult();
    } finally {
      statement.destroySync();
    }
  }

  async function rows(sql: string): Promise<Record<string, unknown>[]> {
    const result = await execute(sql);
    const names = result.columnNames();
    const found = await result.convertRows(JSDuckDBValueConverter);
    return found.map((values) => Object.fromEntries(names.map((name, i) => [name, values[i]])));
  }

  async function describe(sql: string): Promise<ResultColumn[]> {
    asked.push(sql);
    const statement = await connection.prepare(sql);
    try {
      return Array.from({ length: statement.columnCount }, (_, i) => ({
        name: statement.columnName(i),
        type: statement.columnType(i).toString(),
      }));
    } finally {
      statement.destroySync();
    }
  }

  return {
    asked,
    rows,
    describe,
    run: async (sql) => {
      await execute(sql);
      return 0;
    },
    columns: () => absent('columns'),
    values: () => absent('values'),
    createTable: () => absent('createTable'),
    appendTable: () => absent('appendTable'),
    dropTable: () => absent('dropTable'),
    stopAt: () => {},
    checkStop: () => {},
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function absent(method: string): never {
  throw new Error(`${method} is not part of the session for tests of expressions`);
}

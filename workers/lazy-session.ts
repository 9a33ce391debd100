/** A session whose database is loaded and opened by the first statement: many tasks have none. */
import type {
  NumericColumn,
  NumericKind,
  ResultColumn,
  Session,
  TableColumn,
  ValueBatch,
} from '../engine/session.ts';
import { abortedError } from '../partitioning/error.ts';

export class LazySession implements Session {
  readonly #open: () => Promise<Session>;
  #opened: Promise<Session> | null = null;
  #session: Session | null = null;
  #onOpen: ((ms: number) => void) | null = null;
  #stopFlag: Int32Array | null = null;
  #isClosed = false;

  /** @param open called at most once */
  constructor(open: () => Promise<Session>) {
    this.#open = open;
  }

  onOpen(listener: (ms: number) => void): void {
    this.#onOpen = listener;
  }

  async run(sql: string): Promise<number> {
    return (await this.#ready()).run(sql);
  }

  async columns(
    sql: string,
    kinds: readonly NumericKind[],
  ): Promise<{ rows: number; columns: NumericColumn[] }> {
    return (await this.#ready()).columns(sql, kinds);
  }

  async values(sql: string, types: readonly string[]): Promise<AsyncIterable<ValueBatch>> {
    return (await this.#ready()).values(sql, types);
  }

  async rows(sql: string): Promise<Record<string, unknown>[]> {
    return (await this.#ready()).rows(sql);
  }

  async describe(sql: string): Promise<ResultColumn[]> {
    return (await this.#ready()).describe(sql);
  }

  async createTable(
    ...table: [name: string, columns: readonly TableColumn[], from?: number, to?: number]
  ): Promise<void> {
    return (await this.#ready()).createTable(...table);
  }

  async appendTable(
    ...table: [name: string, columns: readonly TableColumn[], from?: number, to?: number]
  ): Promise<void> {
    return (await this.#ready()).appendTable(...table);
  }

  async dropTable(name: string): Promise<void> {
    return (await this.#ready()).dropTable(name);
  }

  stopAt(flag: Int32Array): void {
    this.#stopFlag = flag;
    this.#session?.stopAt(flag);
  }

  checkStop(): void {
    if (this.#stopFlag !== null && Atomics.load(this.#stopFlag, 0) !== 0) throw abortedError();
  }

  close(): void {
    this.#isClosed = true;
    this.#session?.close();
  }

  async #ready(): Promise<Session> {
    if (this.#session !== null) return this.#session;
    this.checkStop();
    const start = performance.now();
    this.#opened ??= this.#open();
    const session = await this.#opened;
    // Whoever asked first says so.
    if (this.#session !== null) return session;
    if (this.#isClosed) {
      session.close();
      throw abortedError();
    }
    this.#session = session;
    if (this.#stopFlag !== null) session.stopAt(this.#stopFlag);
    this.#onOpen?.(performance.now() - start);
    return session;
  }
}

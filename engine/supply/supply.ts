/**
 * Fetches what tasks read, ahead of them: an executor around an executor. Tasks arrive a few more than there are
 * workers; what each needs is asked for in their order, within a bound on what waits on disk, and a task goes on to a
 * worker when its files are there. All of it happens on this thread, which runs no query meanwhile.
 */
import { isRemote } from '../../catalogs/path.ts';
import type { Choice } from '../../catalogs/spool/fill.ts';
import type { HeldFile, HoldRequest, Spool } from '../../catalogs/spool/spool.ts';
import type { CatalogInfo } from '../../catalogs/types.ts';
import { abortedError, CrosshatchError } from '../../partitioning/error.ts';
import type { Executor } from '../executor.ts';
import type { ScanSpec, Task } from '../task.ts';
import { type GroupChoice, groupChoice } from './groups.ts';
import { localized, type ScanFiles, withUrls } from './localize.ts';
import { chosenLeaves, EXTENTS, type FileNeed, needsOf, scansOfTask } from './needs.ts';
import { Window } from './window.ts';

/** Opens the spool when the first remote file is needed: local runs have none. */
export type OpenSpool = () => Promise<Spool>;

/** Tasks that are being supplied while others run, per worker. */
const AHEAD_PER_WORKER = 4;
/** Bytes on disk that may wait for their task to run. */
export const WINDOW_BYTES = 2 ** 30;

/** What the database says when it meets a column that a stand-in lacks, or the URL of a file that was not fetched. */
const NOT_LOCAL = /outside (?:of )?(?:the )?file|read enough bytes|extension httpfs/i;

/** Versions of files, where their listing told them. */
export type Versions = ReadonlyMap<string, string>;

export function versionsOf(catalogs: readonly CatalogInfo[]): Versions {
  const versions = new Map<string, string>();
  for (const catalog of catalogs) {
    for (const table of [catalog, catalog.margin?.catalog]) {
      if (table?.schemaFile !== undefined && table.schemaEtag !== undefined) {
        versions.set(table.schemaFile, table.schemaEtag);
      }
      for (const { path, etag } of table?.partitions.flatMap(({ files }) => files) ?? []) {
        if (etag !== undefined) versions.set(path, etag);
      }
    }
  }
  return versions;
}

/** `executor`, with the remote files of each task made local before it runs; `close` ends the supply, not the executor. */
export function withSupply(
  executor: Executor,
  openSpool: OpenSpool,
  versions: Versions,
): { readonly executor: Executor; close(): Promise<void> } {
  const supply = new Supply(openSpool, versions);
  const supplied: Executor = {
    parallelism: executor.parallelism,
    memoryPerTaskBytes: executor.memoryPerTaskBytes,
    get busy() {
      return executor.busy;
    },
    lookAhead: executor.parallelism * AHEAD_PER_WORKER,
    async run(task, stop, signal) {
      if (!readsRemote(task)) return executor.run(task, stop, signal);
      for (const extent of EXTENTS) {
        const held = await supply.hold(task, extent, signal);
        try {
          return await executor.run(held.task, stop, signal);
        } catch (error) {
          if (!(error instanceof CrosshatchError)) throw error;
          if (!NOT_LOCAL.test(error.what) || extent === 'whole') throw withUrls(error, held.scans);
        } finally {
          await held.release();
        }
      }
      throw new Error('a task ended without a result');
    },
    close: () => executor.close(),
  };
  return { executor: supplied, close: () => supply.close() };
}

/** A task may read local files by the schema of a remote catalog. */
function readsRemote(task: Task): boolean {
  if (needsOf(task, 'whole').length > 0) return true;
  return scansOfTask(task).some(
    ({ schemaFile }) => schemaFile !== undefined && isRemote(schemaFile),
  );
}

interface Held {
  readonly task: Task;
  readonly scans: readonly ScanFiles[];
  release(): Promise<void>;
}

class Supply {
  readonly #openSpool: OpenSpool;
  readonly #versions: Versions;
  readonly #choices = new WeakMap<ScanSpec, GroupChoice>();
  readonly #window = new Window(WINDOW_BYTES);
  #spool: Promise<Spool> | null = null;

  constructor(openSpool: OpenSpool, versions: Versions) {
    this.#openSpool = openSpool;
    this.#versions = versions;
  }

  async hold(task: Task, extent: FileNeedExtent, signal: AbortSignal | undefined): Promise<Held> {
    // Taken before anything is awaited: places are given in the order of the tasks.
    const turn = this.#window.turn();
    const specs = scansOfTask(task);
    const needs = needsOf(task, extent);
    const held: HeldFile[] = [];
    let bytes = 0;
    try {
      this.#spool ??= this.#openSpool();
      const spool = await this.#spool;
      const requests = needs.map((need) => this.#request(need, specs[need.scan]!));
      const byUrl = new Map<string, HeldFile>();
      await settled([
        sizeOf(requests, spool, signal).then((size) => {
          bytes = size;
        }),
        // With the footers: behind the data of all tasks they would have the first task wait for the last.
        holdAll(this.#schemas(specs), spool, held, signal).then((schemas) => {
          for (const file of schemas) byUrl.set(file.url, file);
        }),
      ]);
      await turn.enter(bytes, signal);
      const files = await holdAll(requests, spool, held, signal);
      const scans = specs.map(
        (spec, scan): ScanFiles => ({
          files: new Map(
            needs.flatMap((need, i) => (need.scan === scan ? [[need.url, files[i]!]] : [])),
          ),
          schema: spec.schemaFile === undefined ? undefined : byUrl.get(spec.schemaFile),
        }),
      );
      return { task: localized(task, scans), scans, release: () => this.#release(held, turn) };
    } catch (error) {
      await this.#release(held, turn);
      throw signal?.aborted ? abortedError() : error;
    }
  }

  async close(): Promise<void> {
    const spool = await this.#spool?.catch(() => null);
    await spool?.close();
  }

  async #release(held: readonly HeldFile[], turn: { leave(): void }): Promise<void> {
    turn.leave();
    await Promise.all(held.map((file) => file.release()));
  }

  /** Only the schema of these files is of interest. */
  #schemas(specs: readonly ScanSpec[]): HoldRequest[] {
    const urls = new Set(specs.flatMap(({ schemaFile }) => schemaFile ?? []).filter(isRemote));
    const nothing = (): Choice => ({ groups: [], leaves: [] });
    return [...urls].map((url) => ({ url, etag: this.#versions.get(url), choose: nothing }));
  }

  #request({ url, columns }: FileNeed, spec: ScanSpec): HoldRequest {
    let choice = this.#choices.get(spec);
    if (choice === undefined) {
      choice = groupChoice(spec);
      this.#choices.set(spec, choice);
    }
    const groups = choice;
    return {
      url,
      etag: this.#versions.get(url),
      choose: (footer) => ({ groups: groups(footer), leaves: chosenLeaves(footer, columns) }),
    };
  }
}

type FileNeedExtent = (typeof EXTENTS)[number];

async function sizeOf(
  requests: readonly HoldRequest[],
  spool: Spool,
  signal: AbortSignal | undefined,
): Promise<number> {
  const costs = await settled(
    requests.map(async (request) => {
      signal?.throwIfAborted();
      return spool.cost(request);
    }),
  );
  return costs.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** All at once; what was held when one failed is in `held`, for the caller to release. */
async function holdAll(
  requests: readonly HoldRequest[],
  spool: Spool,
  held: HeldFile[],
  signal: AbortSignal | undefined,
): Promise<HeldFile[]> {
  return settled(
    requests.map(async (request) => {
      const file = await spool.hold(request, signal);
      held.push(file);
      return file;
    }),
  );
}

/** Like Promise.all, but ends when nothing is at work any more. */
async function settled<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const results = await Promise.allSettled(work);
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return results.map((result) => (result as PromiseFulfilledResult<T>).value);
}

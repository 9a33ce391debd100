import { describe, expect, test } from 'vitest';
import type { Executor } from '../../engine/executor.ts';
import { runOne, schedule, type WeightedTask } from '../../engine/physical/schedule.ts';
import { dispatchMs, idleMs, newStats } from '../../engine/physical/stats.ts';
import { newPhases, type Task, type TaskResult } from '../../engine/task.ts';
import { CrosshatchError } from '../../partitioning/error.ts';

/** Runs nothing: tasks end when the test says so, or when they are asked to stop. */
class ManualExecutor implements Executor {
  readonly parallelism: number;
  readonly memoryPerTaskBytes = 1e9;
  readonly lookAhead: number;
  readonly begun: number[] = [];
  readonly #running = new Map<number, { end: () => void; fail: (error: unknown) => void }>();

  constructor(parallelism: number, lookAhead = 0) {
    this.parallelism = parallelism;
    this.lookAhead = lookAhead;
  }

  get busy(): boolean {
    return this.#running.size > 0;
  }

  get running(): number {
    return this.#running.size;
  }

  run({ id }: Task, _stop: Int32Array, signal?: AbortSignal): Promise<TaskResult> {
    this.begun.push(id);
    const { promise, resolve, reject } = Promise.withResolvers<TaskResult>();
    const settle = (how: () => void) => {
      this.#running.delete(id);
      how();
    };
    const fail = (error: unknown) => settle(() => reject(error));
    signal?.addEventListener('abort', () => fail(new Error('stopped')));
    this.#running.set(id, { end: () => settle(() => resolve(resultOf(id))), fail });
    return promise;
  }

  end(id: number): void {
    this.#running.get(id)!.end();
  }

  fail(id: number, error: unknown): void {
    this.#running.get(id)!.fail(error);
  }

  async close(): Promise<void> {}
}

function resultOf(id: number, worker = 1): TaskResult {
  return {
    id,
    cells: [],
    worker,
    phases: { ...newPhases(), kernel: 5 },
    droppedRows: 0,
    splits: 0,
    farPairs: 0,
    farthestArcsec: 0,
    userErrors: 0,
    firstUserError: null,
  };
}

const tasksOf = (weights: readonly number[]): WeightedTask[] =>
  weights.map((weight, id) => ({
    task: { kind: 'empty', id, columns: [], output: '', parquet: ARROW },
    weight,
  }));
const ARROW = { compression: 'uncompressed', rowGroupRows: 1 } as const;

/** Everything that is ready to happen has happened. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Takes results as they come. */
function taker(results: AsyncIterable<TaskResult>) {
  const taken: number[] = [];
  const done = (async () => {
    for await (const { id } of results) taken.push(id);
  })();
  done.catch(() => {});
  return { taken, done };
}

describe('out of order', () => {
  test('the biggest begin first, and results come as they land', async () => {
    const executor = new ManualExecutor(1);
    const { taken, done } = taker(schedule(executor, tasksOf([1, 9, 5]), { ordered: false }));
    await settled();
    expect(executor.begun).toEqual([1, 2]);
    executor.end(2);
    await settled();
    expect(taken).toEqual([2]);
    expect(executor.begun).toEqual([1, 2, 0]);
    executor.end(0);
    executor.end(1);
    await done;
    expect(taken).toEqual([2, 0, 1]);
  });

  test('of many in flight never more than the bound', async () => {
    const executor = new ManualExecutor(3, 4);
    const { taken, done } = taker(
      schedule(executor, tasksOf(Array.from({ length: 100 }, () => 1)), { ordered: false }),
    );
    while (taken.length < 100) {
      await settled();
      expect(executor.running).toBe(Math.min(10, 100 - taken.length));
      executor.end(executor.begun[taken.length]!);
      await settled();
    }
    await done;
    expect(new Set(taken).size).toBe(100);
  });
});

describe('in order', () => {
  test('an early result waits for those before it, and counts as in flight', async () => {
    const executor = new ManualExecutor(1, 1);
    const { taken, done } = taker(schedule(executor, tasksOf([1, 9, 5, 7]), { ordered: true }));
    await settled();
    expect(executor.begun).toEqual([0, 1, 2]);
    executor.end(2);
    executor.end(1);
    await settled();
    expect(taken).toEqual([]);
    expect(executor.begun).toEqual([0, 1, 2]);
    executor.end(0);
    await settled();
    expect(taken).toEqual([0, 1, 2]);
    executor.end(3);
    await done;
    expect(taken).toEqual([0, 1, 2, 3]);
  });

  test('where few results may do, one task begins, then two, then four', async () => {
    const executor = new ManualExecutor(8);
    const options = { ordered: true, mayEndEarly: true };
    const { done } = taker(schedule(executor, tasksOf([1, 1, 1, 1, 1, 1, 1, 1]), options));
    const counts: number[] = [];
    for (let id = 0; id < 8; id++) {
      await settled();
      counts.push(executor.begun.length);
      executor.end(id);
    }
    await done;
    expect(counts).toEqual([1, 3, 6, 8, 8, 8, 8, 8]);
  });
});

describe('an end before the end', () => {
  test('a failure stops and awaits what is in flight', async () => {
    const executor = new ManualExecutor(2);
    const { taken, done } = taker(schedule(executor, tasksOf([1, 1, 1, 1, 1]), { ordered: false }));
    await settled();
    expect(executor.running).toBe(4);
    executor.fail(1, new Error('broken'));
    await expect(done).rejects.toThrow('broken');
    expect(executor.running).toBe(0);
    expect(taken).toEqual([]);
    expect(executor.begun).toHaveLength(4);
  });

  test('an abort does', async () => {
    const executor = new ManualExecutor(2);
    const abort = new AbortController();
    const options = { ordered: true, signal: abort.signal };
    const { done } = taker(schedule(executor, tasksOf([1, 1, 1]), options));
    await settled();
    abort.abort();
    await expect(done).rejects.toThrow('stopped');
    expect(executor.running).toBe(0);
    const late = taker(schedule(executor, tasksOf([1]), options));
    await expect(late.done).rejects.toBeInstanceOf(CrosshatchError);
  });

  test('so does a consumer that has seen enough', async () => {
    const executor = new ManualExecutor(2);
    const results = schedule(executor, tasksOf([1, 1, 1, 1]), { ordered: true });
    const first = results.next();
    await settled();
    executor.end(0);
    expect((await first).value).toMatchObject({ id: 0 });
    await results.return();
    expect(executor.running).toBe(0);
  });

  test('without tasks nothing is begun and no clock runs', async () => {
    const { clock } = newStats();
    const { done } = taker(schedule(new ManualExecutor(1), [], { ordered: false, clock }));
    await done;
    expect(clock).toEqual({ from: null, to: null, wallMs: 0, capacityMs: 0, mainMs: 0 });
  });
});

describe('what a run counts', () => {
  test('tasks, their phases, and the time of the workers that was left over', async () => {
    const executor = new ManualExecutor(4);
    const stats = newStats();
    const one = runOne(executor, tasksOf([1])[0]!.task, undefined, stats);
    await settled();
    executor.end(0);
    await one;
    expect(stats).toMatchObject({ tasks: 1, workers: { 1: { tasks: 1, busyMs: 5 } } });
    expect(stats.phases).toEqual({ ...newPhases(), kernel: 5 });
    const { clock } = stats;
    expect(clock.to! - clock.from!).toBeCloseTo(clock.wallMs);
    expect(clock.capacityMs).toBeCloseTo(4 * clock.wallMs);
    expect(idleMs(stats)).toBeCloseTo(Math.max(0, clock.capacityMs - 5));
  });

  test('a main thread that runs tasks itself does not count them as handing over', () => {
    const stats = newStats();
    stats.clock.mainMs = 100;
    stats.workers[0] = { tasks: 3, busyMs: 80 };
    expect(dispatchMs(stats)).toBe(20);
    stats.workers[0] = { tasks: 3, busyMs: 120 };
    expect(dispatchMs(stats)).toBe(0);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ModelMachine,
  type ModelTask,
  shareOut,
  simulate,
} from '../../bench/model/schedule.ts';

const free: ModelMachine = {
  cores: 1,
  storeBytesPerSecond: 1e15,
  memoryBytesPerSecond: 1e15,
  dispatchSeconds: 0,
  startSeconds: 0,
};

function taskOf(seconds: number, storeBytes = 0, memoryBytes = 0): ModelTask {
  return { seconds, storeBytes, memoryBytes };
}

const anyTasks = fc.array(
  fc.record({
    seconds: fc.double({ min: 0.01, max: 10, noNaN: true }),
    storeBytes: fc.double({ min: 0, max: 100, noNaN: true }),
    memoryBytes: fc.double({ min: 0, max: 100, noNaN: true }),
  }),
  { minLength: 1, maxLength: 40 },
);
const anyMachine = fc.record({
  cores: fc.integer({ min: 1, max: 12 }),
  storeBytesPerSecond: fc.double({ min: 1, max: 1000, noNaN: true }),
  memoryBytesPerSecond: fc.double({ min: 1, max: 1000, noNaN: true }),
  dispatchSeconds: fc.double({ min: 0, max: 0.5, noNaN: true }),
  startSeconds: fc.double({ min: 0, max: 3, noNaN: true }),
  crowding: fc.record({
    factor: fc.double({ min: 1, max: 2, noNaN: true }),
    cores: fc.integer({ min: 1, max: 24 }),
  }),
});

describe('schedules that are known', () => {
  test('one core does one task after the other', () => {
    const run = simulate([taskOf(1), taskOf(2), taskOf(3)], free);
    expect(run.seconds).toBeCloseTo(6, 9);
    expect(run.efficiency).toBeCloseTo(1, 9);
    expect(run.limit).toBe('cores');
  });

  test('the largest first, and its end is the tail of the others', () => {
    const run = simulate([taskOf(1), taskOf(1), taskOf(1), taskOf(5)], { ...free, cores: 2 });
    expect(run.seconds).toBeCloseTo(5, 9);
    expect(run.lost.tail).toBeCloseTo(2, 9);
    expect(run.limit).toBe('tail');
  });

  test('two tasks that ask for twice what the store gives take twice as long', () => {
    const machine = { ...free, cores: 2, storeBytesPerSecond: 100 };
    const run = simulate([taskOf(1, 100), taskOf(1, 100)], machine);
    expect(run.seconds).toBeCloseTo(2, 9);
    expect(run.limit).toBe('store');
  });

  test('the scarcer of two is what limits', () => {
    const machine = { ...free, cores: 4, storeBytesPerSecond: 300, memoryBytesPerSecond: 100 };
    const tasks = Array.from({ length: 8 }, () => taskOf(1, 100, 100));
    const run = simulate(tasks, machine);
    expect(run.seconds).toBeCloseTo(8, 9);
    expect(run.limit).toBe('memory');
  });

  test('a main thread that hands out ten tasks a second runs ten a second', () => {
    const tasks = Array.from({ length: 100 }, () => taskOf(0.1));
    const run = simulate(tasks, { ...free, cores: 50, dispatchSeconds: 0.1 });
    expect(run.seconds).toBeCloseTo(10.1, 9);
    expect(run.limit).toBe('dispatch');
  });

  test('nothing begins before the start is over', () => {
    const run = simulate([taskOf(1)], { ...free, startSeconds: 4 });
    expect(run.seconds).toBeCloseTo(5, 9);
    expect(run.limit).toBe('start');
  });

  test('busy cores slow each other down, the more of them are busy', () => {
    const crowding = { factor: 1.5, cores: 3 };
    const [two, three] = [2, 3].map((cores) => {
      const tasks = Array.from({ length: cores }, () => taskOf(1));
      return simulate(tasks, { ...free, cores, crowding });
    });
    expect(two!.seconds).toBeCloseTo(1.25, 9);
    expect(three!.seconds).toBeCloseTo(1.5, 9);
    expect(three!.limit).toBe('crowding');
    // The store is scarcer than that: it alone counts.
    const slow = { ...free, cores: 3, crowding, storeBytesPerSecond: 100 };
    const run = simulate([taskOf(1, 100), taskOf(1, 100), taskOf(1, 100)], slow);
    expect(run.seconds).toBeCloseTo(3, 9);
    expect(run.limit).toBe('store');
  });

  test('no tasks', () => {
    expect(simulate([], free).seconds).toBe(0);
  });
});

describe('any schedule', () => {
  test('work is neither lost nor made: core-seconds are work and what was lost', () => {
    fc.assert(
      fc.property(anyTasks, anyMachine, (tasks, machine) => {
        const { seconds, lost, efficiency } = simulate(tasks, machine);
        const work = tasks.reduce((sum, task) => sum + task.seconds, 0);
        const all = Object.values(lost).reduce((sum, one) => sum + one, work);
        expect(all).toBeCloseTo(machine.cores * seconds, 5);
        expect(efficiency).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });

  test('no faster than the work, the bytes, the largest task and the main thread allow', () => {
    fc.assert(
      fc.property(anyTasks, anyMachine, (tasks, machine) => {
        const { seconds } = simulate(tasks, machine);
        const sum = (of: (task: ModelTask) => number) => tasks.reduce((all, t) => all + of(t), 0);
        const least = Math.max(
          sum((task) => task.seconds) / machine.cores,
          sum((task) => task.storeBytes) / machine.storeBytesPerSecond,
          sum((task) => task.memoryBytes) / machine.memoryBytesPerSecond,
          Math.max(...tasks.map((task) => task.seconds)),
          tasks.length * machine.dispatchSeconds,
        );
        expect(seconds).toBeGreaterThanOrEqual(machine.startSeconds + least - 1e-6);
      }),
    );
  });

  test('tasks alike: more cores, bandwidth or a faster main thread never take longer', () => {
    fc.assert(
      fc.property(anyTasks, anyMachine, ([task], machine) => {
        const tasks = Array.from({ length: 30 }, () => task!);
        const { seconds } = simulate(tasks, machine);
        const better: Partial<ModelMachine>[] = [
          { cores: 2 * machine.cores },
          { storeBytesPerSecond: 2 * machine.storeBytesPerSecond },
          { memoryBytesPerSecond: 2 * machine.memoryBytesPerSecond },
          { dispatchSeconds: machine.dispatchSeconds / 2 },
        ];
        for (const change of better) {
          const run = simulate(tasks, { ...machine, ...change });
          expect(run.seconds).toBeLessThanOrEqual(seconds + 1e-6);
        }
      }),
    );
  });

  test('the order in which tasks are given does not matter', () => {
    fc.assert(
      fc.property(anyTasks, anyMachine, (tasks, machine) => {
        const turned = simulate([...tasks].reverse(), machine).seconds;
        expect(turned).toBeCloseTo(simulate(tasks, machine).seconds, 5);
      }),
    );
  });

  test('shares hold every task once, and none has more than another and one task beyond', () => {
    fc.assert(
      fc.property(anyTasks, fc.integer({ min: 1, max: 9 }), (tasks, machines) => {
        const shares = shareOut(tasks, machines);
        expect(shares).toHaveLength(machines);
        const seconds = (all: readonly ModelTask[]) => all.map((task) => task.seconds).sort();
        expect(seconds(shares.flat())).toEqual(seconds(tasks));
        const work = shares.map((share) => share.reduce((sum, task) => sum + task.seconds, 0));
        const largest = Math.max(...tasks.map((task) => task.seconds));
        expect(Math.max(...work) - Math.min(...work)).toBeLessThanOrEqual(largest + 1e-9);
      }),
    );
  });
});

test.each([
  [{ cores: 0 }, 'a whole number of cores'],
  [{ cores: 1.5 }, 'a whole number of cores'],
  [{ storeBytesPerSecond: 0 }, 'bytes come at some rate'],
])('%o is no machine', (change, message) => {
  expect(() => simulate([taskOf(1)], { ...free, ...change })).toThrow(message);
});

test('a task without time is none', () => {
  expect(() => simulate([taskOf(0)], free)).toThrow('a task takes some time');
});

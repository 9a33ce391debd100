import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Costs, costsOf, dispatchSecondsOf, tasksOf } from '../../bench/model/costs.ts';
import { type DensityRange, matchCells } from '../../bench/model/sky.ts';
import type { CaseFigures } from '../../bench/runner.ts';

const ORDER = 2;
const PIXELS = 12 * 4 ** ORDER;

/** Ranges that cover the sphere, with some rows. */
const anySky = fc
  .uniqueArray(fc.integer({ min: 1, max: PIXELS - 1 }), { maxLength: 20 })
  .chain((cuts) => {
    const edges = [0, ...cuts.sort((a, b) => a - b), PIXELS];
    const counts = fc.integer({ min: 0, max: 100_000 });
    return fc.tuple(...edges.slice(1).map(() => fc.tuple(counts, counts))).map((rows) =>
      rows.map(
        ([left, right], i): DensityRange => ({
          start: edges[i]!,
          end: edges[i + 1]!,
          left,
          right,
        }),
      ),
    );
  });

test('cells hold all rows, but where one side has none', () => {
  fc.assert(
    fc.property(anySky, fc.integer({ min: 100, max: 50_000 }), (ranges, threshold) => {
      const cells = matchCells(ranges, ORDER, threshold);
      const sum = (all: readonly { left: number; right: number }[], side: 'left' | 'right') =>
        all.reduce((total, one) => total + one[side], 0);
      const both = ranges.every(({ left, right }) => left > 0 && right > 0);
      for (const side of ['left', 'right'] as const) {
        expect(sum(cells, side)).toBeLessThanOrEqual(sum(ranges, side) + 1e-3);
        if (both) expect(sum(cells, side)).toBeCloseTo(sum(ranges, side), 3);
      }
      for (const { left, right, order } of cells) {
        expect(Math.min(left, right) <= threshold || order === 12).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
});

test('cells do not overlap', () => {
  const ranges = [{ start: 0, end: PIXELS, left: 5e6, right: 3e6 }];
  const cells = matchCells(ranges, ORDER, 10_000);
  const ends = cells.map(({ order, pixel }) => [pixel / 4 ** order, (pixel + 1) / 4 ** order]);
  for (let i = 1; i < ends.length; i++) expect(ends[i]![0]).toBe(ends[i - 1]![1]);
  expect(cells).toHaveLength(12 * 4 ** 3);
});

const costs: Costs = {
  secondsPerRow: 1e-6,
  secondsPerTask: 0.01,
  storeBytesPerRow: 20,
  startSeconds: 1,
  dispatchSeconds: 1e-4,
  crowding: 1,
};

test('a cell beyond what a task may have is cut into four, and no row is lost', () => {
  const cells = [{ order: 3, pixel: 1, left: 600_000, right: 400_000 }];
  expect(tasksOf(cells, costs, 1e6)).toHaveLength(1);
  const cut = tasksOf(cells, costs, 200_000);
  expect(cut).toHaveLength(16);
  expect(cut.reduce((sum, task) => sum + task.seconds, 0)).toBeCloseTo(1 + 16 * 0.01, 9);
  expect(cut.reduce((sum, task) => sum + task.storeBytes, 0)).toBeCloseTo(2e7, 3);
});

function figuresOf(profile: Record<string, number>): CaseFigures {
  const spread = { median: 1, min: 1, max: 1 };
  const program = {
    ...{ program: '1 workers', command: '', seconds: spread, cpuSeconds: spread, more: {} },
    ...{ peakBytes: 0, readBytes: 4e6, rowsPerCpuSecond: 1, wallRatio: 1, cpuRatio: 1, profile },
  };
  return {
    ...{ suite: 'cores', name: 'count', rows: 1e6, runs: 1, answer: '', absent: [], load: [0, 0] },
    programs: [program],
  };
}

test('costs out of a profile', () => {
  const found = costsOf(
    figuresOf({
      ...{
        open: 0.5,
        metadata: 0.2,
        scan: 1,
        kernel: 2,
        gather: 0,
        user: 0,
        write: 0.5,
        other: 0.5,
      },
      ...{ idle: 9, 'before tasks': 0.7, 'task count': 10 },
    }),
    4e-4,
    2,
  );
  expect(found.crowding).toBe(1);
  expect(found.secondsPerRow).toBeCloseTo(4e-6, 12);
  expect(found.secondsPerTask).toBeCloseTo(0.02, 12);
  expect(found.startSeconds).toBeCloseTo(1.2, 12);
  expect(found.dispatchSeconds).toBeCloseTo(4e-4, 12);
  expect(found.storeBytesPerRow).toBe(4);
});

test('on busy cores tasks take the CPU time of all threads', () => {
  const figures = figuresOf({ scan: 0.8, open: 0.25 });
  const [one] = figures.programs;
  const cpuSeconds = { median: 1.25, min: 1, max: 2 };
  const programs = [one!, { ...one!, program: '2 workers', cpuSeconds }];
  // 1.25 s less the start, where one worker's own thread took 0.8 s.
  expect(costsOf({ ...figures, programs }, 0, 2).crowding).toBeCloseTo(1.25, 12);
  // More workers than cores tell nothing of cores.
  expect(costsOf({ ...figures, programs }, 0, 1).crowding).toBe(1);
});

test('figures without a profile are refused', () => {
  expect(() => costsOf(figuresOf({}), 0, 2)).toThrow('no profile of one worker');
});

test('the main thread is as slow as it was measured, or as it usually is', () => {
  const figures = figuresOf({});
  const median = { median: 90, min: 90, max: 90 };
  const programs = [{ ...figures.programs[0]!, more: { 'main µs/task': median } }];
  expect(dispatchSecondsOf({ ...figures, suite: 'dispatch', programs })).toBeCloseTo(9e-5, 12);
  expect(dispatchSecondsOf(undefined)).toBeCloseTo(1.2e-4, 12);
});

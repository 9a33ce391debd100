import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { timed } from '../../engine/run/context.ts';
import { newPhases } from '../../engine/task.ts';

let clock = 0;

/** Work that takes so long on the clock of this test. */
const take = (ms: number) => {
  clock += ms;
};

beforeEach(() => {
  clock = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => clock);
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe('phases', () => {
  test('add up to the whole, each without those inside of it', async () => {
    const context = { phases: newPhases(), innerMs: 0 };
    await timed(context, 'other', async () => {
      take(1);
      await timed(context, 'write', async () => {
        take(3);
        await timed(context, 'gather', () => take(30));
        take(4);
      });
      await timed(context, 'gather', () => take(50));
      await timed(context, 'scan', async () => timed(context, 'metadata', () => take(7)));
      take(2);
    });
    expect(context.phases).toEqual({
      ...newPhases(),
      ...{ other: 3, write: 7, gather: 80, metadata: 7, scan: 0 },
    });
  });

  test('count what fails too', async () => {
    const context = { phases: newPhases(), innerMs: 0 };
    const failing = timed(context, 'scan', async () => {
      take(5);
      await timed(context, 'kernel', () => {
        take(6);
        throw new Error('broken');
      });
    });
    await expect(failing).rejects.toThrow('broken');
    expect(context.phases).toEqual({ ...newPhases(), scan: 5, kernel: 6 });
  });
});

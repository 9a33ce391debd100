import { describe, expect, test } from 'vitest';
import { profileOf, profileText } from '../../cli/profile.ts';
import { newStats } from '../../engine/physical/stats.ts';

function finished() {
  const stats = newStats();
  stats.tasks = 12;
  stats.phases.scan = 1500;
  stats.phases.kernel = 2500;
  stats.workers[1] = { tasks: 5, busyMs: 1900 };
  stats.workers[2] = { tasks: 7, busyMs: 2100 };
  Object.assign(stats.clock, { from: 400, to: 2900, wallMs: 2400, capacityMs: 4800, mainMs: 30 });
  return stats;
}

describe('the profile of a command', () => {
  test('its stages add up to the life of the process, its phases to the workers', () => {
    const profile = profileOf(finished(), { begun: 100, opened: 350, ended: 3000 })!;
    const { start, open, plan, tasks, reduce } = profile.stageSeconds;
    expect([start, open, plan, tasks]).toEqual([0.1, 0.25, 0.05, 2.4]);
    expect(start + open + plan + tasks + reduce).toBeCloseTo(3);
    const phases = Object.values(profile.phaseSeconds).reduce((a, b) => a + b, 0);
    expect(phases).toBeCloseTo(4.8);
    expect(profile.phaseSeconds.idle).toBeCloseTo(0.8);
    expect(profile.workers).toEqual([
      { tasks: 5, busySeconds: 1.9 },
      { tasks: 7, busySeconds: 2.1 },
    ]);
  });

  test('as text', () => {
    const stats = finished();
    const profile = profileOf(stats, { begun: 100, opened: null, ended: 3000 })!;
    expect(profileText(stats, profile)).toEqual([
      'stages: start 0.10 s, open 0.30 s, plan 0.00 s, tasks 2.40 s, reduce 0.20 s',
      'worker time: open 0.00 s, metadata 0.00 s, scan 1.50 s, kernel 2.50 s, gather 0.00 s, user 0.00 s, encode 0.00 s, ' +
        'write 0.00 s, other 0.00 s, idle 0.80 s (12 tasks, 2 workers; main thread 0.03 s)',
    ]);
  });

  test('there is none of a run without tasks', () => {
    expect(profileOf(newStats(), { begun: 1, opened: 2, ended: 3 })).toBeUndefined();
    expect(profileOf(undefined, { begun: 1, opened: 2, ended: 3 })).toBeUndefined();
  });
});

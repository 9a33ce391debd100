import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { escaped, plotCases, ticksUpTo } from '../../bench/plot.ts';
import { cpuOf, type Measured, measure, spread } from '../../bench/process.ts';
import { caseTable, profileTable, significant, table } from '../../bench/report.ts';
import { runCase } from '../../bench/runner.ts';
import { type Case, lastWord, type Program, sameAnswer } from '../../bench/suite.ts';
import { workerCounts } from '../../bench/suites/cores.ts';
import { suites } from '../../bench/suites/index.ts';

const noted: string[] = [];

/** A program that takes the seconds given, one after the other. */
function programOf(name: string, seconds: readonly number[], answer = '7'): Program {
  let turn = 0;
  return {
    name,
    command: name,
    async run(): Promise<Measured> {
      noted.push(name);
      const taken = seconds[turn++ % seconds.length]!;
      return {
        ...{ seconds: taken, cpuSeconds: 2 * taken, peakBytes: 1e6, readBytes: 3e6 },
        stdout: answer,
      };
    },
  };
}

function caseOf(...programs: Program[]): Case {
  return { name: 'a case', rows: 100, programs, absent: [], answer: sameAnswer() };
}

describe('a case', () => {
  test('programs answer once, then run in turn', async () => {
    noted.length = 0;
    const one = caseOf(programOf('a', [9, 1, 3, 2]), programOf('b', [9, 4, 6, 5]));
    const figures = await runCase('suite', one, 3);
    expect(noted.join('')).toBe('abababab');
    expect(figures.answer).toBe('7');
    const [a, b] = figures.programs;
    expect(a!.seconds).toEqual({ median: 2, min: 1, max: 3 });
    expect(b!.seconds).toEqual({ median: 5, min: 4, max: 6 });
    expect([a!.wallRatio, b!.wallRatio]).toEqual([1, 2.5]);
    expect(a!.rowsPerCpuSecond).toBe(25);
  });

  test('without runs the one for the answer counts', async () => {
    const figures = await runCase('suite', caseOf(programOf('a', [3])), 0);
    expect(figures.programs[0]!.seconds.median).toBe(3);
  });

  test('a wrong answer is never measured', async () => {
    noted.length = 0;
    const one = caseOf(programOf('a', [1]), programOf('b', [1], '8'));
    await expect(runCase('suite', one, 5)).rejects.toThrow('the answers differ: a 7, b 8');
    expect(noted).toHaveLength(2);
  });
});

test('the answer is the rows of our JSON, or the first word of the last line', () => {
  const said = (stdout: string) => lastWord({ stdout } as Measured);
  expect(said('warning\n{"rows":12,"seconds":3}\n')).toBe('12');
  expect(said('working\n34 of 50\n')).toBe('34');
});

describe('a process', () => {
  test('its output, CPU time and children are measured', async () => {
    const busy = 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done; echo done';
    const measured = await measure(['bash', '-c', `bash -c '${busy}' & wait`], { sampleMs: 10 });
    expect(measured.stdout).toBe('done\n');
    expect(measured.cpuSeconds).toBeGreaterThan(0);
    expect(measured.peakBytes).toBeGreaterThan(1e6);
  });

  test('what a child reads counts once, however many have waited for it', async () => {
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'crosshatch-reads-')), 'zeros');
    writeFileSync(file, Buffer.alloc(20_000_000));
    const read = `exec 4< ${file}; cat <&4 | (sleep 0.4; cat > /dev/null)`;
    const command = ['bash', '-c', `bash -c '${read}; sleep 0.4'; sleep 0.4`];
    const { readBytes } = await measure(command, { sampleMs: 10 });
    rmSync(path.dirname(file), { recursive: true });
    // Through the pipe they are read twice.
    expect(readBytes).toBeGreaterThan(39e6);
    expect(readBytes).toBeLessThan(44e6);
  });

  test('one that fails is an error with what it said', async () => {
    const failing = measure(['bash', '-c', 'echo broken >&2; exit 3']);
    await expect(failing).rejects.toThrow(/ended with 3: broken/);
  });
});

test('the times of a shell', () => {
  expect(cpuOf('0m0.01s 0m0.00s\n1m2.50s 0m0.25s\n')).toBeCloseTo(62.75, 9);
});

test('the median of an even and of an odd number', () => {
  expect(spread([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(spread([4, 1, 2, 3])).toEqual({ median: 2.5, min: 1, max: 4 });
});

describe('a report', () => {
  test('has three digits that matter', () => {
    expect([0, 0.01234, 1.2345, 123.45, 12345].map(significant)).toEqual([
      ...['0', '0.0123', '1.23', '123', '12345'],
    ]);
  });

  test('has columns that line up', () => {
    expect(table(['a', 'long'], [['longer', '1']])).toEqual(['  a       long', '  longer     1']);
  });

  test('names the programs, and those that are absent', async () => {
    const one = { ...caseOf(programOf('a', [1])), absent: [{ name: 'b', reason: 'no reason' }] };
    const text = caseTable(await runCase('suite', one, 1));
    expect(text).toMatch(/^suite: a case · answer 7 · load/);
    expect(text).toContain('b: absent, no reason');
  });
});

describe('where the time went', () => {
  const profile = {
    scan: 2,
    idle: 0.5,
    'before tasks': 1,
    'tasks stage': 4,
    reduce: 0,
    dispatch: 0,
  };

  test('by phase, and the rows that a worker does in a second of its tasks', async () => {
    const [ours, theirs] = [programOf('ours', [1]), programOf('theirs', [1])];
    const told: Program = {
      ...ours,
      run: async () => ({
        ...(await ours.run()),
        profile: { ...profile, workers: 5, 'task count': 9 },
      }),
    };
    const text = profileTable(await runCase('suite', { ...caseOf(told, theirs), rows: 1e8 }, 1));
    expect(text).toMatch(/seconds +scan +idle +before tasks +tasks stage +reduce +dispatch +Mrows/);
    expect(text).toMatch(/ours +2\.00 +0\.500 +1\.00 +4\.00 +0 +0 +5\.00\n/);
    expect(text).not.toContain('theirs');
  });

  test('of programs that do not say', async () => {
    const figures = await runCase('suite', caseOf(programOf('a', [1])), 1);
    expect(profileTable(figures)).toContain('none of these programs');
  });
});

describe('a plot', () => {
  test('has ticks at round numbers that do not pass the greatest value', () => {
    expect(ticksUpTo(1)).toEqual([0, 0.5, 1]);
    expect(ticksUpTo(47)).toEqual([0, 20, 40]);
    expect(ticksUpTo(0.083)).toEqual([0, 0.05]);
  });

  test('is SVG with a bar for each program', async () => {
    const figures = await runCase('suite', caseOf(programOf('a<b', [1]), programOf('c', [2])), 1);
    const machine = { cpu: 'a processor', usableCores: 2, versions: { node: 'v1' } };
    const svg = plotCases([figures], machine as unknown as Parameters<typeof plotCases>[1]);
    expect(svg.match(/fill="#(1f5fa8|b9bec7)"/g)).toHaveLength(2);
    expect(svg).toContain('a&lt;b');
    expect(escaped('<&>')).toBe('&lt;&amp;&gt;');
  });
});

test('suites have names of their own', () => {
  const names = suites.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});

test.each([
  [1, [1, 2]],
  [2, [1, 2, 4]],
  [96, [1, 2, 4, 8, 16, 32, 48, 64, 96, 192]],
])('on %i cores the numbers of workers are %j', (cores, expected) => {
  expect(workerCounts(cores)).toEqual(expected);
});

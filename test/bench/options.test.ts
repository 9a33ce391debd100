import { describe, expect, test } from 'vitest';
import { machine } from '../../bench/machine.ts';
import { optionsOf } from '../../bench/options.ts';

describe('the command line', () => {
  test('numbers as people write them, suites by name', () => {
    const options = optionsOf(['count', 'model', '--rows', '1e6', '--workers', '4', '--runs', '0']);
    expect(options).toMatchObject({ names: ['count', 'model'], rows: 1_000_000 });
    expect(options.rightRows).toBeUndefined();
    expect(options.settings).toMatchObject({ workers: 4, runs: 0, quick: false });
  });

  test('five runs, and none beyond the first of a quick one', () => {
    expect(optionsOf([]).settings.runs).toBe(5);
    expect(optionsOf(['--quick']).settings.runs).toBe(0);
  });

  test.each([
    [['--rows', 'many'], '--rows is a whole number from 1 on, such as 2 or 1e6, not "many"'],
    [['--rows', '1.5'], '--rows is a whole number'],
    [['--workers', '0'], '--workers is a whole number'],
    [['--runs', ''], '--runs is a whole number from 0 on'],
    [['--fast'], "Unknown option '--fast'"],
  ])('%j is refused', (argv, message) => {
    expect(() => optionsOf(argv)).toThrow(message);
  });
});

test('figures name the versions of all that was measured', () => {
  const { versions } = machine();
  const names = ['node', 'duckdb', 'piscina', 'lsdb', 'pyacid', 'astropy', 'scipy'];
  for (const name of names) expect(versions[name], name).toMatch(/^v?\d+\.\d+/);
});

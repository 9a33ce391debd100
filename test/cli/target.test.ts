import { describe, expect, test } from 'vitest';
import { targetOf } from '../../cli/target.ts';
import { CrosshatchError } from '../../partitioning/error.ts';

/** Message of the request error that `body` throws. */
function refusal(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (error instanceof CrosshatchError && error.tag === 'request') return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('the ending decides', () => {
  test.each([
    [{}, { kind: 'none' }],
    [{ output: 'out' }, { kind: 'catalog', path: 'out' }],
    [{ output: 'out/' }, { kind: 'catalog', path: 'out/' }],
    [{ output: 'gaia_dr3.1' }, { kind: 'catalog', path: 'gaia_dr3.1' }],
    [{ output: 'a.parquet' }, { kind: 'parquet', path: 'a.parquet' }],
    [{ output: 'dir.csv/a.CSV' }, { kind: 'csv', path: 'dir.csv/a.CSV' }],
    [{ output: 'dir.csv/a' }, { kind: 'catalog', path: 'dir.csv/a' }],
    [{ output: 'a.arrow' }, { kind: 'arrow', path: 'a.arrow' }],
    [
      { output: 'a.fits', skymap: 8 },
      { kind: 'map', order: 8, path: 'a.fits' },
    ],
    [
      { output: 'a.SVG', skymap: 8 },
      { kind: 'map', order: 8, path: 'a.SVG' },
    ],
    [{ skymap: 8 }, { kind: 'map', order: 8 }],
  ])('%j', (flags, target) => {
    expect(targetOf(flags)).toEqual(target);
  });

  test.each([
    [
      { output: 'a.fits' },
      'a .fits output is a sky map (a.fits)\nGive its order, such as --skymap 8.',
    ],
    [
      { output: 'a.csv', skymap: 8 },
      'a sky map is written to a .fits, .png or .svg file (a.csv)\nName one with --output.',
    ],
    [
      { output: 'a', skymap: 8 },
      'a sky map is written to a .fits, .png or .svg file (a)\nName one with --output.',
    ],
    [
      { output: 'a.png' },
      'a .png output is a sky map (a.png)\nGive its order, such as --skymap 8.',
    ],
    [
      { output: 'https://host/out' },
      'outputs of this kind are written to the local disk, not to https://host/out',
    ],
  ])('%j is refused', (flags, message) => {
    expect(refusal(() => targetOf(flags))).toBe(message);
  });

  test.each(['a.json', 'a.fits.gz', 'a.txt', 'a.feather'])('%s is no folder', (output) => {
    expect(refusal(() => targetOf({ output }))).toContain('there is no output of the kind');
  });
});

describe('options without effect are refused', () => {
  test.each([
    [{ overwrite: true }, '--overwrite needs an --output'],
    [{ resume: true }, '--resume needs an --output'],
    [{ skymap: 3, overwrite: true }, '--overwrite needs an --output'],
    [{ compression: { compression: 'zstd' as const } }, '--compression needs a Parquet output'],
    [
      { output: 'a.csv', compression: { compression: 'zstd' as const } },
      '--compression needs a Parquet output',
    ],
    [
      { output: 'a.parquet', rowsPerPartition: 5 },
      '--rows-per-partition needs a folder as --output',
    ],
    [{ output: 'a.parquet', margin: 5 }, '--margin needs a folder as --output'],
    [{ name: 'x' }, '--name needs a folder as --output'],
  ])('%j', (flags, message) => {
    expect(refusal(() => targetOf(flags))).toBe(message);
  });

  test('and those with one are not', () => {
    const catalog = { rowsPerPartition: 5, margin: 5, name: 'x', resume: true, overwrite: true };
    expect(targetOf({ output: 'a', ...catalog }).kind).toBe('catalog');
    const compression = { compression: 'zstd' as const };
    expect(targetOf({ output: 'a.parquet', compression, overwrite: true }).kind).toBe('parquet');
  });
});

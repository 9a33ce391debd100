/** `crosshatch generate`, and the examples of every command's help run over what it makes. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crosshatch, crosshatchJson, crosshatchWell, tempFolder } from './process.ts';

const { dir, remove } = tempFolder();
const options = { cwd: dir };
afterAll(remove);

test('a single catalog is the folder itself, with a margin unless told otherwise', async () => {
  const spec = ['--kind', 'ztf', '--rows', '2000', '--cone', '100,10,7200'];
  const made = await crosshatchJson(['generate', 'ztf', ...spec], options);
  expect(made).toMatchObject({ rows: 2000, output: path.join(dir, 'ztf') });
  const info = await crosshatchJson(['info', 'ztf'], options);
  expect(info).toMatchObject({ rows: 2000, margins: [{ thresholdArcsec: 10 }] });
  await crosshatchWell(['generate', 'bare', ...spec, '--margin', 'none'], options);
  expect(await crosshatchJson(['info', 'bare'], options)).toMatchObject({ margins: [] });
});

test('a pair is two folders over the same stars, and needs --overwrite to be made again', async () => {
  const spec = ['--rows', '2e3', '--right-rows', '1e3', '--cone', '100,10,7200', '--seed', '7'];
  const text = await crosshatchWell(['generate', 'pair', ...spec], options);
  expect(text).toMatch(
    /^wrote 2,000 rows to .*gaia \(.*\nwrote 1,000 rows to .*ztf \(.*\ndone in /,
  );
  expect(readdirSync(path.join(dir, 'pair')).sort()).toEqual(['gaia', 'ztf']);
  const match = ['crossmatch', 'pair/gaia', 'pair/ztf', '--radius', '1'];
  const { rows } = await crosshatchJson(match, options);
  expect(rows).toBeGreaterThan(700);

  const { status, stderr } = await crosshatch(['generate', 'pair', ...spec], options);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^error: output exists \(.*ztf\)\nuse --overwrite to replace it/);
  await crosshatchWell(['generate', 'pair', ...spec, '--overwrite'], options);
  expect(await crosshatchJson(match, options)).toMatchObject({ rows });
});

describe('the examples of the help', () => {
  beforeAll(async () => {
    const spec = ['--rows', '2e4', '--right-rows', '1e4', '--cone', '285,5,18000'];
    const parts = ['--rows-per-partition', '2000'];
    await crosshatchWell(['generate', 'demo-output', ...spec, ...parts], options);
  });

  /** Words of a command line, with single quotes as the shell has them. */
  function wordsOf(line: string): string[] {
    return Array.from(line.matchAll(/'([^']*)'|(\S+)/g), ([, quoted, plain]) => quoted ?? plain!);
  }

  test.each(['generate', 'info', 'crossmatch', 'query', 'skymap', 'margin'])('%s', async (name) => {
    const help = await crosshatchWell([name, '--help']);
    const examples = Array.from(help.matchAll(/^ {2}crosshatch (.*)$/gm), ([, words]) => words!);
    expect(examples.length).toBeGreaterThan(0);
    for (const example of examples) {
      const stdout = await crosshatchWell(wordsOf(example), options);
      expect(stdout).not.toBe('');
      // An example that finds nothing would teach nothing.
      expect(stdout).not.toMatch(/^(wrote )?0 (rows|pairs)/m);
    }
  });
});

/** `crosshatch demo`: the first thing that anybody sees. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readSkyMap } from '../../catalogs/sky-map-file.ts';
import { crosshatchJson, crosshatchWell, tempFolder } from './process.ts';

const { dir, remove } = tempFolder();
const options = { cwd: dir, env: { npm_lifecycle_event: 'demo' } };
afterAll(remove);

test('replaces what an earlier demo made, finds the true pairs and says so', async () => {
  // What a demo leaves, in small: its mark, a catalog and a map.
  mkdirSync(path.join(dir, 'demo-output'));
  writeFileSync(path.join(dir, 'demo-output', '.crosshatch-demo'), '');
  writeFileSync(path.join(dir, 'demo-output', 'map.fits'), '');
  const old = ['--kind', 'gaia', '--rows', '100', '--margin', 'none'];
  await crosshatchWell(['generate', 'demo-output/matches', ...old], options);

  const text = await crosshatchWell(['demo'], options);
  const lines = text.trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(16);
  expect(text).toContain('gaia: 600,000 rows');
  expect(text).toContain('ztf: 400,000 rows');
  const [, right, known] = /found ([\d,]+) of ([\d,]+) true pairs \(99\.\d+ %\)/.exec(text) ?? [];
  expect([right, known]).not.toContain(undefined);
  const [, pairs] = /counted ([\d,]+) pairs/.exec(text) ?? [];
  const made = readdirSync(path.join(dir, 'demo-output')).sort();
  expect(made).toEqual(['.crosshatch-demo', 'gaia', 'map.fits', 'map.png', 'matches', 'ztf']);

  // What it said is what is there.
  const { rows } = await crosshatchJson(['info', 'demo-output/matches'], options);
  expect(Number(rows).toLocaleString('en-US')).toBe(pairs);
  const map = await readSkyMap(path.join(dir, 'demo-output', 'map.fits'));
  expect(Array.from(map.values, Number).reduce((sum, count) => sum + count, 0)).toBe(rows);

  // And what it says to try next works, once the words of npm are left out.
  const next = lines.slice(-3).map((line) => line.trim());
  for (const line of next) {
    expect(line).toMatch(/^npm run crosshatch -- /);
    const words = line.replace(/^npm run crosshatch -- /, '').matchAll(/'([^']*)'|(\S+)/g);
    await crosshatchWell(
      Array.from(words, ([, quoted, plain]) => quoted ?? plain!),
      options,
    );
  }
}, 120_000);

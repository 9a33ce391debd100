/** Pictures on the command line: what is drawn, and what is refused before anything runs. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { PNG } from 'pngjs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { crosshatch, crosshatchJson, crosshatchWell, tempFolder } from './process.ts';

const { dir, remove } = tempFolder();
const cwd = { cwd: dir };

beforeAll(async () => {
  const spec = ['--rows', '2000', '--cone', '10,20,7200', '--margin', 'none'];
  await crosshatchWell(['generate', 'gaia', '--kind', 'gaia', ...spec], cwd);
  await crosshatchWell(['generate', 'ztf', '--kind', 'ztf', ...spec], cwd);
});
afterAll(remove);

function sizeOf(file: string): [width: number, height: number] {
  const { width, height } = PNG.sync.read(readFileSync(path.join(dir, file)));
  return [width, height];
}

describe('a map becomes a picture where the ending says so', () => {
  test('of a catalog, with every option', async () => {
    const look = ['--view', 'gnomonic', '--center', '123,-42', '--size', '6', '--coord', 'G'];
    const colours = ['--scale', 'log', '--palette', 'magma_r', '--min', '1', '--max', '50'];
    const rest = ['--title', 'Stars', '--unit', 'per pixel', '--width', '300', '--no-graticule'];
    const args = ['skymap', 'gaia', '--order', '8', '--output', 'g.png', '--flip', 'geo'];
    const text = await crosshatchWell([...args, ...look, ...colours, ...rest], cwd);
    expect(text).toMatch(/^order 8: 2,000 rows in .*\nwrote .*g\.png in .* s\n$/);
    const [width, height] = sizeOf('g.png');
    expect(width).toBeGreaterThan(300);
    expect(height).toBeGreaterThan(width);
  });

  test('of pairs, and of a query', async () => {
    const pairs = ['crossmatch', 'gaia', 'ztf', '--radius', '60', '--skymap', '6'];
    const { rows, output } = await crosshatchJson([...pairs, '--output', 'pairs.svg'], cwd);
    expect(rows).toBeGreaterThan(0);
    expect(readFileSync(String(output), 'utf8')).toContain('>rows per pixel</text>');
    await crosshatchWell(['query', 'gaia', '--skymap', '6', '--output', 'q.PNG'], cwd);
    expect(sizeOf('q.PNG')[0]).toBeGreaterThan(1600);
  });

  test('and is not written over without a word', async () => {
    writeFileSync(path.join(dir, 'there.png'), 'mine');
    const args = ['skymap', 'gaia', '--order', '3', '--output', 'there.png'];
    const { status, stderr } = await crosshatch(args, cwd);
    expect(status).toBe(2);
    expect(stderr).toContain('--overwrite');
    expect(readFileSync(path.join(dir, 'there.png'), 'utf8')).toBe('mine');
    await crosshatchWell([...args, '--overwrite', '--width', '200'], cwd);
    expect(sizeOf('there.png')[0]).toBeGreaterThan(200);
  });
});

describe('info draws the partitions', () => {
  test('beside its text, and beside its JSON', async () => {
    const text = await crosshatchWell(['info', 'gaia', '--plot', 'parts.png'], cwd);
    expect(text).toMatch(/^gaia: object catalog\n[\s\S]*\ndrew .*parts\.png\n$/);
    expect(sizeOf('parts.png')[0]).toBeGreaterThan(1000);
    const by = ['--plot', 'rows.svg', '--plot-by', 'rows'];
    const { name } = await crosshatchJson(['info', 'gaia', ...by], cwd);
    expect(name).toBe('gaia');
    expect(readFileSync(path.join(dir, 'rows.svg'), 'utf8')).toContain(
      '>rows per partition</text>',
    );
  });
});

describe('refused before anything runs', () => {
  const map = ['skymap', 'gaia', '--order', '3'];
  const none = ['--output', 'none.png'];

  test.each<[string[], string]>([
    [
      [...map, ...none, '--view', 'globe'],
      '--view globe is not mollweide, orthographic, gnomonic or cartesian',
    ],
    [[...map, ...none, '--coord', 'X'], 'coord X is not C, G or E'],
    [[...map, ...none, '--scale', 'root'], 'scale root is not linear, log or histeq'],
    [[...map, ...none, '--flip', 'x'], 'flip x is not astro or geo'],
    [[...map, ...none, '--min', '5', '--max', '2'], 'min 5 is not below max 2'],
    [[...map, ...none, '--size', '5'], '--size needs --view gnomonic'],
    [
      [...map, ...none, '--view', 'gnomonic'],
      'a gnomonic view needs a center\nGive a longitude and a latitude in degrees, such as 83.6, -5.4.',
    ],
    [[...map, '--palette', 'magma'], '--palette needs a .png or .svg file as --output'],
    [
      [...map, '--output', 'none.fits', '--no-graticule'],
      '--no-graticule needs a .png or .svg file as --output',
    ],
    [
      [...map, ...none, '--by', 'ra'],
      '--by gives several maps, and a picture shows one\nWrite them to a .fits file.',
    ],
    [['info', 'gaia', '--plot-by', 'rows'], '--plot-by needs --plot'],
    [['info', 'gaia', '--overwrite'], '--overwrite needs --plot'],
    [['info', 'gaia', '--plot', 'none.png', '--plot-by', 'size'], 'by size is not order or rows'],
    [
      ['info', 'gaia', '--plot', 's3://bucket/a.png'],
      'outputs can only be written to the local disk (s3://bucket/a.png)\nwrite to a local folder and copy the result',
    ],
  ])('%j', async (args, message) => {
    const before = readdirSync(dir).sort();
    const { status, stdout, stderr } = await crosshatch(args, cwd);
    expect({ status, stdout, stderr }).toEqual({
      status: 2,
      stdout: '',
      stderr: `error: ${message}\n`,
    });
    expect(readdirSync(dir).sort()).toEqual(before);
  });

  test('a picture of another kind', async () => {
    const { status, stderr } = await crosshatch(['info', 'gaia', '--plot', 'a.pdf'], cwd);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: a picture is a \.png or \.svg file, not \.pdf \(.*a\.pdf\)\n$/);
    expect(existsSync(path.join(dir, 'a.pdf'))).toBe(false);
  });

  test('an unknown palette', async () => {
    const { status, stderr } = await crosshatch([...map, ...none, '--palette', 'jet'], cwd);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: there is no palette jet\nThere are blues, /);
  });
});

/** The worked examples as the README starts them, over the built program; the larger one at a fiftieth of its size. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { openCatalog } from '../../index.ts';
import { tempFolder } from '../query/temp-folder.ts';
import { describeShared, sharedPath } from '../shared-data.ts';

const root = path.resolve(import.meta.dirname, '..', '..');
const temp = tempFolder();

function run(program: string, args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  expect(stderr).toBe('');
  expect(status).toBe(0);
  return stdout;
}

const PNG_START = '\x89PNG\r\n';
const pngStart = (file: string) => readFileSync(file).toString('latin1', 0, PNG_START.length);

describeShared('RR Lyrae stars', () => {
  test('are found among real light curves, with their published periods', () => {
    const dir = temp('rr-lyrae');
    const shared = { CROSSHATCH_SHARED: path.dirname(sharedPath('sky-data')) };
    const said = run('examples/rr-lyrae/run.ts', ['--dir', dir], shared);
    expect(said).toMatch(/^real light curves/);
    const [, kept, all] = /RR Lyrae: (\d+) of (\d+) kept/.exec(said)!;
    expect(Number(all)).toBeGreaterThan(350);
    expect(Number(kept)).toBeGreaterThan(0.95 * Number(all));
    const [, wrong, supernovae] = /supernova: (\d+) of (\d+) kept/.exec(said)!;
    expect(Number(wrong)).toBeLessThan(0.02 * Number(supernovae));
    const [, right, alias] = /: ([\d.]+) % within 1 % .*, ([\d.]+) % an alias/.exec(said)!;
    expect(Number(right)).toBeGreaterThan(95);
    expect(Number(right) + Number(alias)).toBeGreaterThan(99);
    expect(pngStart(path.join(dir, 'rrlyrae.png'))).toBe(PNG_START);
  });
});

test('a catalog of light curves is made of objects and their detections', async () => {
  const dir = temp('light-curves');
  const said = run('examples/light-curves/run.ts', ['--objects', '10000', '--dir', dir]);
  const [, rows] = /^(\d+) light curves in \d+ partitions/m.exec(said)!;
  expect(Number(rows)).toBeGreaterThan(5000);
  const curves = await openCatalog(path.join(dir, 'light_curves'));
  expect(await curves.count()).toBe(Number(rows));
  const points = await curves.aggregate({ points: 'sum(len(lc))' });
  expect(Number(points.getChild('points')!.get(0))).toBeGreaterThan(50 * Number(rows));
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openCatalogInfo } from '../../catalogs/open.ts';
import { piecePath, recordCell } from '../../catalogs/pieces.ts';
import { openStaging } from '../../catalogs/staging.ts';
import { temporaryFolder } from './leaf-fixture.ts';

let dir: string;
let target: string;
let remove: () => Promise<void>;
beforeEach(async () => {
  ({ dir, remove } = await temporaryFolder());
  dir = await realpath(dir);
  target = path.join(dir, 'out');
});
afterEach(() => remove());

const OPTIONS = { digest: 'abc123' };

describe('an interrupted run', () => {
  const cell = { order: 3, pixel: 5 };

  async function interrupt(plan?: Record<string, string>): Promise<void> {
    const staging = await openStaging(target, { ...OPTIONS, plan });
    await recordCell(staging.piecesDir, { cell, rows: 0, files: [], result: null });
    await writeFile(`${piecePath(staging.piecesDir, cell)}.host-1-0.part`, 'half');
    await writeFile(path.join(staging.output, 'half'), '');
    await staging.keep();
  }

  test('is resumed by the same plan: finished cells stay, half-done work goes', async () => {
    await interrupt();
    const staging = await openStaging(target, { ...OPTIONS, resume: true });
    expect(staging.resumed).toBe(true);
    expect(await staging.finishedPieces()).toEqual([{ cell, rows: 0, files: [], result: null }]);
    expect(await readdir(staging.piecesDir)).toEqual(['3-5.json']);
    expect(await readdir(staging.output)).toEqual([]);
  });

  test('is removed by a fresh run, whatever its plan', async () => {
    await interrupt();
    for (const digest of ['abc123', 'other']) {
      const staging = await openStaging(target, { digest });
      expect(staging.resumed).toBe(false);
      expect(await staging.finishedPieces()).toEqual([]);
      expect(await readdir(dir)).toEqual([`.out.crosshatch-${digest}`]);
    }
  });

  test('is not resumed by another plan, which is told what differs', async () => {
    await interrupt({ left: 'gaia', radiusArcsec: '1', where: 'x > 1' });
    const plan = { left: 'gaia', radiusArcsec: '2', neighbors: 'all' };
    await expect(
      openStaging(target, { digest: 'other', resume: true, plan }),
    ).rejects.toMatchObject({
      tag: 'request',
      what:
        'the unfinished output was made by a different request: ' +
        'radiusArcsec 1, now 2; where x > 1, now not set; neighbors not set, now all',
      hint: expect.stringContaining('--resume'),
    });
    await expect(openStaging(target, { digest: 'other', resume: true })).rejects.toThrow('radius');
    expect(await readdir(dir)).toEqual(['.out.crosshatch-abc123']);
  });

  test('without a description of its plan is told apart by the digest', async () => {
    await interrupt();
    await expect(openStaging(target, { digest: 'other', resume: true })).rejects.toThrow(
      'plan abc123, now other',
    );
  });

  test('of another version is not resumed', async () => {
    await interrupt();
    const file = path.join(dir, '.out.crosshatch-abc123', 'plan.json');
    const plan = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...plan, version: '0.0.0-old' }));
    await expect(openStaging(target, { ...OPTIONS, resume: true })).rejects.toThrow(
      'version 0.0.0-old, now',
    );
  });

  test('whose plan was torn is started afresh', async () => {
    await interrupt();
    await writeFile(path.join(dir, '.out.crosshatch-abc123', 'plan.json'), '{"dig');
    const staging = await openStaging(target, { ...OPTIONS, resume: true });
    expect(staging.resumed).toBe(false);
    expect(await staging.finishedPieces()).toEqual([]);
  });

  test('that left nothing is started afresh', async () => {
    const staging = await openStaging(target, { ...OPTIONS, resume: true });
    expect(staging.resumed).toBe(false);
  });

  test('of an output with a longer name is not touched', async () => {
    await openStaging(path.join(dir, 'out.crosshatch-x'), OPTIONS);
    await mkdir(path.join(dir, '.out.crosshatch-not ours'));
    await openStaging(target, OPTIONS);
    expect(await readdir(dir)).toHaveLength(3);
  });

  test('leaves the old output alone until its resumed self is complete', async () => {
    const properties = (folder: string) => path.join(folder, 'hats.properties');
    await mkdir(target);
    await writeFile(properties(target), 'old');
    const first = await openStaging(target, { ...OPTIONS, overwrite: true });
    await first.keep();
    const options = { ...OPTIONS, overwrite: true, resume: true };
    const staging = await openStaging(target, options);
    expect(staging.resumed).toBe(true);
    await writeFile(properties(staging.output), 'new');
    expect(await readFile(properties(target), 'utf8')).toBe('old');
    await staging.commit();
    expect(await readFile(properties(target), 'utf8')).toBe('new');
  });
});

describe('a process that writes the same output', () => {
  const module = pathToFileURL(path.resolve(import.meta.dirname, '../../catalogs/staging.ts')).href;

  /** Opens the staging, leaves a half-made catalog, says so, and hangs. */
  const script = `
    import { mkdir, writeFile } from 'node:fs/promises';
    import { openStaging } from ${JSON.stringify(module)};
    const staging = await openStaging(process.env.TARGET, { digest: 'abc123' });
    await mkdir(staging.output + '/dataset');
    await writeFile(staging.output + '/partition_info.csv', 'Norder,Npix\\n');
    process.stdout.write('open');
    setInterval(() => {}, 1000);
  `;

  test('keeps others out while it lives, and leaves no catalog when it is killed', async () => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      env: { ...process.env, TARGET: target },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(child.stdout, 'data');
      for (const resume of [false, true]) {
        await expect(openStaging(target, { ...OPTIONS, resume })).rejects.toMatchObject({
          tag: 'request',
          what: 'another run is writing this output',
          hint: expect.stringContaining(`process ${child.pid}`),
        });
      }
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const root = path.join(dir, '.out.crosshatch-abc123');
    for (const place of [target, root, path.join(root, 'output')]) {
      await expect(openCatalogInfo(place)).rejects.toThrow();
    }
    const staging = await openStaging(target, { ...OPTIONS, resume: true });
    expect(staging.resumed).toBe(true);
  });
});

/** Far more workers than cores, as on the largest machines: over the built program, whose workers start fast. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { measure } from '../../bench/process.ts';
import { close, generateCatalog } from '../../index.ts';
import { fileTree } from '../query/file-tree.ts';
import { tempFolder } from '../query/temp-folder.ts';

const root = path.resolve(import.meta.dirname, '..', '..');
const temp = tempFolder();

test('64 workers write the bytes that one writes, with threads, files and memory in proportion', async () => {
  const dir = temp('many');
  const sides = [path.join(dir, 'gaia'), path.join(dir, 'ztf')] as const;
  for (const name of ['.', 'by-1', 'by-64']) mkdirSync(path.join(dir, name), { recursive: true });
  const cone = { ra: 290, dec: 10, radiusArcsec: 1800 };
  // More rows than a query without a pool may have.
  const gaia = { kind: 'gaia' as const, rows: 180_000, seed: 1, rowsPerPartition: 3000, cone };
  await generateCatalog(sides[0], gaia);
  const ztf = { ...gaia, kind: 'ztf' as const, rows: 130_000, seed: 2, counterpartOf: gaia };
  // With its margin the match need not first cut the edges of a hundred partitions.
  await generateCatalog(sides[1], ztf, { marginArcsec: 2 });
  await close();
  const matched = async (workers: number) => {
    const output = path.join(dir, `by-${workers}`, 'matched');
    const { stdout, ...use } = await measure(
      [
        ...[process.execPath, path.join(root, 'dist', 'bin.js'), 'crossmatch', ...sides],
        ...['--radius', '1', '--workers', String(workers), '--memory', '12GB'],
        ...[
          '--output',
          output,
          '--json',
          '--progress',
          'none',
          '--columns',
          'source_id',
          '--right-columns',
          'oid',
        ],
      ],
      { env: { SOURCE_DATE_EPOCH: '1750000000' } },
    );
    const { rows, profile } = JSON.parse(stdout) as Said;
    return { rows, use, atWork: profile.workers.length, files: fileTree(output) };
  };
  const one = await matched(1);
  const many = await matched(64);
  expect(one.rows).toBeGreaterThan(1000);
  // All of them were there, and most had something to do.
  expect(many.atWork).toBeGreaterThan(32);
  expect(many.use.threads!).toBeGreaterThan(64);
  expect(many.files).toEqual(one.files);
  // A thread a worker, and no more than 64 MB and twenty files for each that is more.
  expect(many.use.threads! - one.use.threads!).toBeLessThan(70);
  expect(many.use.peakBytes - one.use.peakBytes).toBeLessThan(64 * 64e6);
  expect(many.use.openFiles!).toBeLessThan(64 * 20);
});

interface Said {
  readonly rows: number;
  readonly profile: { readonly workers: readonly unknown[] };
}

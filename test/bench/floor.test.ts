import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { fileCells } from '../../bench/floor-cells.ts';
import { close, generateCatalog, openCatalog } from '../../index.ts';
import { tempFolder } from '../query/temp-folder.ts';

const temp = tempFolder();

/** A collection of which only the list of partitions is there. */
function listed(dir: string, name: string, pixels: readonly string[]): string {
  const catalog = path.join(dir, name, name);
  mkdirSync(catalog, { recursive: true });
  // Lists of other programs have more columns.
  const lines = ['Norder,Dir,Npix,num_rows', ...pixels.map((p) => `${p.replace('/', ',0,')},1`)];
  writeFileSync(path.join(catalog, 'partition_info.csv'), `${lines.join('\n')}\n`);
  return path.join(dir, name);
}

test('files are grouped by the coarser partition; what has no partner is in no cell', () => {
  const dir = temp('lists');
  const left = listed(dir, 'left', ['0/0', '1/4', '1/5', '0/3', '0/7']);
  const right = listed(dir, 'right', ['1/0', '1/3', '0/1', '0/7', '2/200']);
  const name = (file: string) => /Norder=(\d+).*Npix=(\d+)/.exec(file)!.slice(1).join('/');
  const cells = fileCells({ left, right }).map((cell) => [
    cell.left.map(name).join(' '),
    cell.right.map(name).join(' '),
  ]);
  expect(cells).toEqual([
    ['0/0', '1/0 1/3'],
    ['0/7', '0/7'],
    ['1/4 1/5', '0/1'],
  ]);
});

test('parts are about the rows of the match', async () => {
  const dir = temp('parts');
  mkdirSync(dir, { recursive: true });
  const [left, right] = [path.join(dir, 'gaia'), path.join(dir, 'ztf')] as const;
  const cone = { ra: 290, dec: 10, radiusArcsec: 600 };
  const gaia = { kind: 'gaia' as const, rows: 3000, seed: 1, rowsPerPartition: 500, cone };
  await generateCatalog(left, gaia, { marginArcsec: 10 });
  const ztf = { ...gaia, kind: 'ztf' as const, rows: 2000, seed: 2, counterpartOf: gaia };
  await generateCatalog(right, ztf, { marginArcsec: 10 });
  const [stars, objects] = [await openCatalog(left), await openCatalog(right)];
  const pairs = await stars.crossmatch(objects, { radiusArcsec: 1 }).count();
  await close();
  const output = path.join(dir, 'encoded');
  const script = path.resolve(import.meta.dirname, '..', '..', 'bench', 'floor-run.ts');
  const said = (part: string) => {
    const args = [script, part, left, right, '2', String(pairs / 2000), output];
    const { rows, seconds } = JSON.parse(
      execFileSync(process.execPath, args, { encoding: 'utf8' }),
    ) as { rows: number; seconds: number };
    expect(seconds).toBeGreaterThan(0);
    return rows;
  };
  expect(said('positions')).toBe(5000);
  expect(said('arrays')).toBe(5000);
  expect(said('columns')).toBe(5000);
  const matched = said('kernel');
  expect(matched).toBeLessThanOrEqual(pairs);
  expect(matched).toBeGreaterThan(0.9 * pairs);
  expect(said('encode')).toBeGreaterThan(0.9 * pairs);
  expect(readdirSync(output).length).toBeGreaterThan(1);
});

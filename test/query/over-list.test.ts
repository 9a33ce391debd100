/** Aggregates over lists of conditions and texts: what is refused, and that what is advised instead works. */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Catalog, close, fromTable, openCatalog } from '../../index.ts';
import { elementsOf, type NestRow, nestOf, nestRow, nestTable } from './nested-twin.ts';
import { rowsOf } from './result-rows.ts';
import { tempFolder } from './temp-folder.ts';

const temp = tempFolder();
afterAll(() => close());

const rows: readonly NestRow[] = fc
  .sample(nestRow, { numRuns: 60, seed: 5 })
  .map((row, n) => ({ n, ...row }));
const COLUMNS = ['lc', 'ls'] as const;
let catalog: Catalog;
beforeAll(async () => {
  const source = fromTable(nestTable(rows), { ra: 'ra', dec: 'dec', name: 'nests' });
  await source.writeHats(temp('nests'), { workers: 1 });
  catalog = await openCatalog(temp('nests'));
});

test.each([
  [
    'mean(lc.k > 0)',
    'mean() needs numbers, but the elements are BOOLEAN (expression mean(lc.k > 0))\n' +
      'Count those that hold with sum(lc.mag > 18), or make them 0 and 1: mean((lc.mag > 18)::int).',
  ],
  [
    'std(lc.k > 0)',
    'std() needs numbers, but the elements are BOOLEAN (expression std(lc.k > 0))\n' +
      'Count those that hold with sum(lc.mag > 18), or make them 0 and 1: std((lc.mag > 18)::int).',
  ],
  [
    'any(lc.k)',
    'any() needs conditions, but the elements are INTEGER (expression any(lc.k))\n' +
      'Compare them with something, for example any(lc.mag > 18).',
  ],
  [
    'sum(lc.k::varchar)',
    'sum() needs numbers, but the elements are VARCHAR (expression sum(lc.k::varchar))\n' +
      'Numbers in texts can be cast: sum(lc.text::double).',
  ],
])('%s is refused with what to write instead', async (text, message) => {
  const error = { tag: 'request', message };
  await expect(catalog.withColumns({ v: text }).count()).rejects.toMatchObject(error);
  await expect(catalog.query(`${text} = 1`).count()).rejects.toMatchObject({ tag: 'request' });
});

test.each(COLUMNS)('what the refusals advise works: %s', async (column) => {
  const query = catalog.withColumns({
    holding: `sum(${column}.k > 0)`,
    share: `mean((${column}.k > 0)::int)`,
    cast: `sum(${column}.k::varchar::double)`,
  });
  const all = rowsOf(await query.select(['n', 'holding', 'share', 'cast']).collect());
  expect(all).toHaveLength(rows.length);
  for (const got of all) {
    const known = (elementsOf(nestOf(rows[Number(got['n'])]!, column)) ?? []).flatMap(
      ({ k }) => k ?? [],
    );
    const holding = known.filter((k) => k > 0).length;
    const sum = known.reduce((all, k) => all + k, 0);
    const expected =
      known.length === 0 ? [null, null, null] : [holding, holding / known.length, sum];
    const numbers = [got['holding'], got['share'], got['cast']];
    expect(numbers.map((value) => (value == null ? null : Number(value)))).toEqual(expected);
  }
});

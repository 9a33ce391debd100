/** Steps and ends of all kinds over remote catalogs give what they give over local ones. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Catalog, close, openCatalog, writeMarginCatalog } from '../../index.ts';
import { fileTree } from '../query/file-tree.ts';
import { makeCatalog, type SkyRow } from '../query/make-catalog.ts';
import { rowsOf } from '../query/result-rows.ts';
import { tempFolder } from '../query/temp-folder.ts';
import { testSpool } from './remote-fixture.ts';
import { serveFolder, type WebServer } from './web-server.ts';

const temp = tempFolder();
const spool = testSpool();
let web: WebServer;

function field(count: number, copies: number): SkyRow[] {
  return Array.from({ length: count * copies }, (_, i) => {
    const id = i % count;
    return {
      id,
      ra: 44 + (id % 50) / 50,
      dec: Math.floor(id / 50) / 50,
      tag: `t${i % 7}`,
      mag: 10 + ((i * 31) % 97) / 10,
    };
  });
}

beforeAll(async () => {
  const options = { rowsPerPartition: 500, marginArcsec: 10 };
  await makeCatalog(temp('objects'), field(1500, 1), { ...options, name: 'objects' });
  await makeCatalog(temp('sources'), field(1500, 3), { ...options, name: 'sources' });
  web = await serveFolder(temp());
});
beforeEach(() => {
  spool.fresh();
  process.env['SOURCE_DATE_EPOCH'] = '0';
});
afterAll(async () => {
  await close();
  await web.close();
});

/** What is made of two catalogs, at a place, with a name for what is written. */
type Make = (open: (name: string) => Promise<Catalog>, name: string) => Promise<unknown>;

const curves = async (open: Parameters<Make>[0]) =>
  (await open('objects'))
    .joinNested(await open('sources'), { on: ['id', 'id'], name: 'lc' })
    .query('lc.mag < 18');

/** Rows as text: lists in them are views of the table that they came in. */
const plain = (table: Parameters<typeof rowsOf>[0]) =>
  rowsOf(table).map((row) =>
    JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? String(value) : value)),
  );

const makings: Record<string, Make> = {
  'a CSV file': async (open, name) => {
    await (await open('objects')).query('mag < 15').writeCsv(temp(name));
    return readFileSync(temp(name), 'utf8');
  },
  'a Parquet file': async (open, name) => {
    await (await open('objects')).select(['id', 'ra', 'dec']).writeParquet(temp(`${name}.parquet`));
    return readFileSync(temp(`${name}.parquet`));
  },
  batches: async (open) => {
    const rows: unknown[] = [];
    for await (const batch of (await open('objects')).select(['id', 'mag']))
      rows.push(batch.numRows);
    return rows;
  },
  'a join on keys': async (open) => {
    const join = { on: ['id', 'id'], suffixes: ['_o', '_s'] } as const;
    return rowsOf(await (await open('objects')).join(await open('sources'), join).collect());
  },
  'light curves': async (open) => plain(await (await curves(open)).collect()),
  'light curves in rows again': async (open) =>
    rowsOf(await (await curves(open)).select(['id', 'lc.mag']).explode('lc').collect()),
  'user code by row': async (open) => {
    const returns = { n: 'double' } as const;
    const mapped = (await curves(open)).mapRows(
      ({ lc }) => ({ n: lc === null ? 0 : lc.mag.length }),
      {
        columns: ['lc.mag'],
        returns,
      },
    );
    return rowsOf(await mapped.select(['id', 'n']).collect());
  },
};

test.each(Object.keys(makings))('%s', async (name) => {
  const slug = name.replaceAll(' ', '-');
  const local = await makings[name]!((one) => openCatalog(temp(one)), `local-${slug}`);
  const remote = await makings[name]!((one) => openCatalog(`${web.url}/${one}`), `remote-${slug}`);
  expect(remote).toEqual(local);
});

test('a margin catalog', async () => {
  await writeMarginCatalog(temp('objects'), temp('local-margin'), 20, { name: 'margin' });
  await writeMarginCatalog(`${web.url}/objects`, temp('remote-margin'), 20, { name: 'margin' });
  expect(fileTree(temp('remote-margin'))).toEqual(fileTree(temp('local-margin')));
});

/** The power fails between any two calls that change the spool: what is read afterwards is what the file holds. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Meter } from '../../catalogs/meter.ts';
import { SpoolFolder } from '../../catalogs/spool/folder.ts';
import { Spool } from '../../catalogs/spool/spool.ts';
import { openTestSession, type TestSession } from '../engine/duckdb-for-tests.ts';
import { seeded } from '../query/hard-sky.ts';
import { tempFolder } from '../query/temp-folder.ts';
import { countingStore } from './counting-store.ts';
import { changesDuring, replay } from './power-journal.ts';

const temp = tempFolder();
let session: TestSession;
let source: string;
beforeAll(async () => {
  session = await openTestSession();
  source = temp('source.parquet');
  await session.run(`COPY (SELECT i::BIGINT AS id, (i * 0.5)::DOUBLE AS ra, hash(i) AS h
    FROM range(6144) t(i)) TO '${source}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
});
afterAll(() => session.close());

const COLUMNS = ['id', 'ra', 'h'];
/** What a run holds, one after the other: fetched, found, and copied where something is lacking. */
const HOLDS = [
  [[0], [0]],
  [[0], [0, 1]],
  [
    [0, 2],
    [0, 2],
  ],
  [[1], [2]],
] as const;

const digestOf = (file: string, groups: readonly number[], columns: readonly string[]) => {
  const rows = groups.map((g) => `i BETWEEN ${g * 2048} AND ${g * 2048 + 2047}`).join(' OR ');
  const sums = columns.map((name) => `bit_xor(hash(${name}, n))::VARCHAR AS ${name}`).join(', ');
  const numbered =
    file === source
      ? `SELECT *, row_number() OVER () AS n FROM (SELECT *, file_row_number AS i FROM read_parquet('${file}', file_row_number=true)) WHERE ${rows}`
      : `SELECT *, row_number() OVER () AS n FROM read_parquet('${file}')`;
  return session.rows(`SELECT ${sums} FROM (${numbered})`);
};

const known = new Map<string, unknown>();

/** Holds everything once; `check`: and compares it with the file. Returns how many ranges had to be fetched. */
async function runOnce(dir: string, check: boolean): Promise<number> {
  const { store, ranges } = countingStore();
  const folder = await SpoolFolder.open({ dir, chosen: true, limitBytes: 1e9 });
  const spool = new Spool(folder, store, { meter: new Meter(null) });
  for (const [groups, leaves] of HOLDS) {
    const held = await spool.hold({ url: `test://${source}`, choose: () => ({ groups, leaves }) });
    const columns = leaves.map((leaf) => COLUMNS[leaf]!);
    if (check) {
      const key = JSON.stringify([groups, leaves]);
      const wanted = known.get(key) ?? (await digestOf(source, groups, columns));
      known.set(key, wanted);
      expect(await digestOf(held.path, groups, columns)).toEqual(wanted);
    }
    await held.release();
  }
  await spool.close();
  return ranges.length;
}

test('after any of them, whatever of the data was lost', async () => {
  const dir = temp('spool');
  let whole = 0;
  const changes = await changesDuring(async () => {
    whole = await runOnce(dir, false);
  });
  const writes = changes.filter(({ kind }) => kind === 'write');
  expect([changes.length > 30, writes.length > 10, whole]).toEqual([true, true, 7]);
  const random = seeded(3);
  /** How often something was used, where all data were there and where some were lost. */
  const used = [0, 0];
  for (let cut = 0; cut <= changes.length; cut++) {
    for (let state = 0; state < 2; state++) {
      const at = temp(`cut-${cut}-${state}`);
      // Once with all data there: then what was finished is used.
      replay(changes.slice(0, cut), dir, at, state === 0 ? () => 1 : random);
      if ((await runOnce(at, true)) < whole) used[Math.min(state, 1)]!++;
      // The next run finds all of it, and nothing is torn any more.
      expect(await runOnce(at, false)).toBe(0);
    }
  }
  // What is whole is not thrown away.
  expect(used[0]).toBeGreaterThan(changes.length / 2);
  expect(used[1]).toBeGreaterThan(changes.length / 4);
});

/** Sessions that run out of memory at the same time: each has its own spill files. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openSession } from '../../workers/duckdb-session.ts';

const spillDir = mkdtempSync(join(tmpdir(), 'crosshatch-two-'));
afterAll(() => rmSync(spillDir, { recursive: true, force: true }));

const ROWS = 2_000_000;

/** Rows in another order, with something to carry; none is alike in two sessions. */
const shuffled = (seed: number) =>
  `SELECT hash(i + ${seed}) AS h, i::DOUBLE AS i, repeat('x', 20) || (i + ${seed}) AS text FROM range(${ROWS}) t(i)`;

test('sessions with one spill folder never read the pages of one another', async () => {
  const sessions = await Promise.all(
    [0, 1e9].map(() => openSession({ memoryLimitBytes: 64 * 2 ** 20, spillDir })),
  );
  const sums = await Promise.all(
    sessions.map(async (session, s) => {
      const sorted = `SELECT * FROM (${shuffled(s * 1e9)}) ORDER BY h`;
      return session.rows(
        `SELECT count(*)::DOUBLE AS n, sum(i) AS total, min(text) AS first, max(length(text)) AS longest
           FROM (SELECT *, row_number() OVER () AS place FROM (${sorted})) WHERE place > 0`,
      );
    }),
  );
  const total = (ROWS * (ROWS - 1)) / 2;
  const x = 'x'.repeat(20);
  expect(sums[0]).toEqual([{ n: ROWS, total, first: `${x}0`, longest: 27n }]);
  expect(sums[1]).toEqual([{ n: ROWS, total, first: `${x}1000000000`, longest: 30n }]);
  for (const session of sessions) session.close();
  expect(readdirSync(spillDir)).toEqual([]);
});

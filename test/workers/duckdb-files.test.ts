import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Session } from '../../engine/session.ts';
import { filesApart } from '../../workers/duckdb-files.ts';
import { openSession } from '../../workers/duckdb-session.ts';

let dir: string;
let session: Session;

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'crosshatch-files-'));
  session = await openSession({ memoryLimitBytes: 2 ** 28, spillDir: dir });
});

afterAll(() => {
  session.close();
  rmSync(dir, { recursive: true, force: true });
});

const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;
const name = (text: string) => `"${text.replaceAll('"', '""')}"`;
/** Texts of the kind that could be taken for a call or for its end. */
const TRAPS = fc
  .array(fc.constantFrom("'", '"', 'read_parquet(', '[', ']', ', ', ')', 'a', '$1', ' '), {
    maxLength: 8,
  })
  .map((parts) => parts.join(''));
const FILES = fc.oneof(TRAPS, fc.array(TRAPS, { minLength: 1, maxLength: 3 }));

test('files of calls become parameters; texts and names stay', () => {
  const between = fc.oneof(TRAPS.map(quote), TRAPS.map(name));
  fc.assert(
    fc.property(fc.array(fc.tuple(between, FILES, between), { maxLength: 4 }), (calls) => {
      const listed = (files: string | string[]) =>
        typeof files === 'string' ? quote(files) : `[${files.map(quote).join(', ')}]`;
      const sql = calls.map(([a, files, b]) => `${a} read_parquet(${listed(files)}, x=true) ${b}`);
      const expected = calls.map(([a, , b], i) => `${a} read_parquet($${i + 1}, x=true) ${b}`);
      expect(filesApart(sql.join(' '))).toEqual({
        sql: expected.join(' '),
        files: calls.map(([, files]) => files),
      });
    }),
  );
});

test('a statement reads the files that it names, one or several, and texts that look like calls are texts', async () => {
  const odd = path.join(dir, "it's [odd], 'read_parquet('.parquet");
  const plain = path.join(dir, 'plain.parquet');
  await session.run(`COPY (SELECT 1::BIGINT AS v) TO ${quote(odd)} (FORMAT parquet)`);
  await session.run(`COPY (SELECT 2::BIGINT AS v) TO ${quote(plain)} (FORMAT parquet)`);
  const text = "read_parquet('none.parquet')";
  const rows = await session.rows(
    `SELECT a.v AS a, (SELECT sum(v) FROM read_parquet([${quote(plain)}, ${quote(odd)}])) AS both, ` +
      `${quote(text)} AS ${name(text)} FROM read_parquet(${quote(odd)}, file_row_number=true) a`,
  );
  expect(rows).toEqual([{ a: 1n, both: 3n, [text]: text }]);
});

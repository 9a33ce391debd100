/**
 * DuckDB's SQL from Node over arrays, one thread: rows are put into cells a little larger than the radius,
 * joined with the nine cells around, and the nearest is kept. One timed run per line of input, as kd_tree.py does it.
 *
 *     node bench/rivals/duckdb-pairs.ts DIR RADIUS NEIGHBOURS
 *
 * The tables are there before the clock starts.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DOUBLE, DuckDBDataChunk, DuckDBInstance, INTEGER } from '@duckdb/node-api';

const [dir = '', radius = '1'] = process.argv.slice(2);
const arcsec = Number(radius);
const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
const connection = await instance.connect();

/** The largest declination there is, north or south. */
let widest = 0;
for (const side of ['left', 'right']) {
  const doubles = (name: string) =>
    new Float64Array(new Uint8Array(readFileSync(join(dir, `${side}_${name}.f64`))).buffer);
  const [ra, dec] = [doubles('ra'), doubles('dec')];
  widest = dec.reduce((most, one) => Math.max(most, Math.abs(one)), widest);
  await connection.run(`CREATE TABLE ${side}_side (i INTEGER, ra DOUBLE, "dec" DOUBLE)`);
  const appender = await connection.createAppender(`${side}_side`);
  const chunk = DuckDBDataChunk.create([INTEGER, DOUBLE, DOUBLE]);
  for (let start = 0; start < ra.length; start += 2048) {
    const end = Math.min(ra.length, start + 2048);
    const rows = Array.from({ length: end - start }, (_, k) => start + k);
    chunk.setColumns([
      rows,
      Array.from(ra.subarray(start, end)),
      Array.from(dec.subarray(start, end)),
    ]);
    appender.appendDataChunk(chunk);
  }
  appender.closeSync();
}

/** Half the chord squared is the sine of half the angle, squared. */
const HAVERSINE =
  'sin(radians(r.dec - l.dec) / 2) ** 2 + cos(radians(l.dec)) * cos(radians(r.dec)) * sin(radians(r.ra - l.ra) / 2) ** 2';
const height = (1.01 * arcsec) / 3600;
/** A degree of RA is nowhere shorter than that. */
const shortest = Math.cos((widest * Math.PI) / 180);
const cell = (shift: string) => ({
  x: `CAST(floor(ra * ${shortest} / ${height}) AS BIGINT) + ${shift}x`,
  y: `CAST(floor("dec" / ${height}) AS BIGINT) + ${shift}y`,
});
const own = { x: cell('').x.replace(' + x', ''), y: cell('').y.replace(' + y', '') };
const around = cell('s.');
// RA runs over a field that does not cross 0: what is left for a whole sky is not in this benchmark.
const SQL = `
  CREATE OR REPLACE TABLE pairs AS
  WITH shifts AS (SELECT a.s AS x, b.s AS y FROM (VALUES (-1), (0), (1)) a(s), (VALUES (-1), (0), (1)) b(s)),
  l AS (SELECT i, ra, "dec", ${around.x} AS cx, ${around.y} AS cy FROM left_side, shifts s),
  r AS (SELECT i, ra, "dec", ${own.x} AS cx, ${own.y} AS cy FROM right_side),
  near AS (
    SELECT l.i AS li, r.i AS ri, 2 * degrees(asin(sqrt(${HAVERSINE}))) * 3600 AS arcsec
    FROM l JOIN r ON l.cx = r.cx AND l.cy = r.cy
  )
  SELECT li, arg_min(ri, arcsec) AS ri, min(arcsec) AS arcsec FROM near WHERE arcsec < ${arcsec} GROUP BY li`;

async function writePairs(): Promise<void> {
  const reader = await connection.runAndReadAll('SELECT li, ri, arcsec FROM pairs ORDER BY li');
  const [li, ri, distance] = reader.getColumns() as number[][];
  const out = join(dir, 'duckdb');
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'pairs_left.i32'), Int32Array.from(li ?? []));
  writeFileSync(join(out, 'pairs_right.i32'), Int32Array.from(ri ?? []));
  writeFileSync(join(out, 'pairs_arcsec.f64'), Float64Array.from(distance ?? []));
}

let runs = 0;
for await (const _ of createInterface({ input: process.stdin })) {
  const before = process.cpuUsage();
  const start = performance.now();
  await connection.run(SQL);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(before);
  const [[pairs]] = (await connection.runAndReadAll('SELECT count(*) FROM pairs')).getRows() as [
    [bigint],
  ];
  if (runs++ === 0) await writePairs();
  console.log(JSON.stringify({ seconds, cpu: (user + system) / 1e6, pairs: Number(pairs) }));
}

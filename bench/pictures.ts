/**
 * A picture of a whole sky, 1600 × 800 pixels of map in Mollweide's projection, log scale, with graticule and colour
 * bar, from a map in memory to a PNG file, beside healpy's mollview of the same map:
 *
 *     PYTHON=/path/to/python node bench/pictures.ts [--orders 8,10] [--runs 7]
 *
 * `PYTHON` names one with healpy and matplotlib; without it only our own figures are taken. Seconds as median
 * (least–greatest), after one run that does not count.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DrawableMap } from '../pictures/drawable-map.ts';
import { spread } from './process.ts';

/** Seconds of one run. */
interface Timing {
  readonly wall: number;
  readonly cpu: number;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      orders: { type: 'string', default: '8,10' },
      runs: { type: 'string', default: '7' },
    },
  });
  const runs = Number(values.runs);
  const python = process.env['PYTHON'];
  const dir = mkdtempSync(join(tmpdir(), 'crosshatch-bench-'));
  const rows: object[] = [];
  try {
    for (const order of values.orders.split(',').map(Number)) {
      const map = madeUpMap(order);
      const ours = await ownTimings(map, join(dir, 'ours.png'), runs);
      rows.push({ order, program: 'crosshatch', ...columnsOf(ours) });
      if (python === undefined) continue;
      const file = join(dir, `map-${order}.fits`);
      await map.writeFits(file);
      const theirs = rivalTimings(python, file, join(dir, 'theirs.png'), runs);
      rows.push({ order, program: 'healpy', ...columnsOf(theirs) });
    }
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
  console.table(rows);
}

/** Bright along a great circle, with noise; a tenth of the pixels hold nothing. */
function madeUpMap(order: number): DrawableMap {
  const cells = 12 * 4 ** order;
  const pixels = Float64Array.from({ length: cells }, (_, i) => i).filter((i) => i % 10 !== 3);
  let seed = 1;
  const values = pixels.map((pixel) => {
    seed = (seed * 48_271) % 0x7fffffff;
    return Math.exp(5 * Math.sin((60 * pixel) / cells) + (2 * seed) / 0x7fffffff);
  });
  return new DrawableMap({ order, pixels, values, name: 'counts' });
}

async function ownTimings(map: DrawableMap, file: string, runs: number): Promise<Timing[]> {
  const timings: Timing[] = [];
  for (let run = -1; run < runs; run++) {
    const wall = performance.now();
    const cpu = process.cpuUsage();
    await map.mollview(file, { scale: 'log', title: 'mollview' });
    const { user, system } = process.cpuUsage(cpu);
    if (run >= 0)
      timings.push({ wall: (performance.now() - wall) / 1e3, cpu: (user + system) / 1e6 });
  }
  return timings;
}

function rivalTimings(python: string, file: string, picture: string, runs: number): Timing[] {
  const program = join(import.meta.dirname, 'rivals', 'healpy_mollview.py');
  const args = [program, file, picture, String(runs + 1)];
  const { status, stdout, stderr } = spawnSync(python, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`healpy ended with ${status}: ${stderr.slice(-2000)}`);
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  return lines.slice(1).map((line) => JSON.parse(line) as Timing);
}

function columnsOf(timings: readonly Timing[]) {
  const text = (name: keyof Timing) => {
    const { median, min, max } = spread(timings.map((timing) => timing[name]));
    return `${median.toFixed(2)} (${min.toFixed(2)}–${max.toFixed(2)})`;
  };
  return { 'wall s': text('wall'), 'CPU s': text('cpu') };
}

await main();

/**
 * Periodograms of light curves in files, one thread: a run per line of input, as `rivals/astropy_periodograms.py` does it.
 *
 *     node bench/periodogram-run.ts DIR NAME
 *
 * DIR holds time.f64, mag.f64, error.f64, offsets.i32 and grid.f64 (first frequency, step, count). DIR/NAME.i32 is made of
 * the best frequency of each curve, counted in steps.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { lombScargle, type Series } from '../examples/rr-lyrae/lomb-scargle.ts';

const [dir = '', name = ''] = process.argv.slice(2);
const bytesOf = (file: string) => new Uint8Array(readFileSync(join(dir, file))).buffer;
const [time, mag, error] = ['time.f64', 'mag.f64', 'error.f64'].map(
  (file) => new Float64Array(bytesOf(file)),
);
const offsets = new Int32Array(bytesOf('offsets.i32'));
const [first = 0, step = 0, count = 0] = new Float64Array(bytesOf('grid.f64'));

function seriesOf(curve: number): Series {
  const [start, end] = [offsets[curve]!, offsets[curve + 1]!];
  const weight = error!.slice(start, end).map((one) => 1 / one ** 2);
  const sum = weight.reduce((a, b) => a + b, 0);
  return {
    time: time!.slice(start, end),
    value: mag!.slice(start, end),
    weight: weight.map((one) => one / sum),
  };
}

function bestOf(series: Series): number {
  const power = lombScargle(series, { first, step, count });
  let best = 0;
  for (let k = 1; k < power.length; k++) if (power[k]! > power[best]!) best = k;
  return best;
}

for await (const _ of createInterface({ input: process.stdin })) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  const best = new Int32Array(offsets.length - 1).map((_, curve) => bestOf(seriesOf(curve)));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  writeFileSync(join(dir, `${name}.i32`), best);
  console.log(JSON.stringify({ seconds, cpu: (user + system) / 1e6, pairs: best.length }));
}

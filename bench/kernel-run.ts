/**
 * The kernel over positions in files, one thread: a run per line of input, as the rivals do it.
 *
 *     node bench/kernel-run.ts DIR RADIUS NEIGHBOURS
 *
 * DIR holds left_ra.f64, left_dec.f64, right_ra.f64, right_dec.f64. Each run is answered by a line of JSON; after the first one
 * DIR/ours holds its pairs.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createMatcher, createScratch, type Positions } from '../engine/kernel/match.ts';

/** Pairs per block, as the engine asks for them. */
const BLOCK_PAIRS = 1 << 24;

const [dir = '', radius = '1', neighbors = '1'] = process.argv.slice(2);
const options = {
  ...{ radiusArcsec: Number(radius), neighbors: Number(neighbors) },
  ...{ minRadiusArcsec: 0, keepUnmatched: false },
};
const noStop = () => {};
const scratch = createScratch();
const [left, right] = [sideOf('left'), sideOf('right')];

function sideOf(side: string): Positions {
  const ra = doublesOf(`${side}_ra.f64`);
  return { ra, dec: doublesOf(`${side}_dec.f64`), length: ra.length };
}

function doublesOf(name: string): Float64Array {
  return new Float64Array(new Uint8Array(readFileSync(join(dir, name))).buffer);
}

/** One run; a matcher of its own for counting, so that no phase warms the other. */
function run() {
  const cpu = cpuSeconds();
  const start = performance.now();
  const matcher = createMatcher(left, right, options, { scratch });
  const built = performance.now();
  let pairs = 0;
  for (;;) {
    const block = matcher.next(BLOCK_PAIRS, noStop);
    if (block === null) break;
    pairs += block.length;
  }
  const paired = performance.now();
  const used = cpuSeconds() - cpu;
  const counter = createMatcher(left, right, options, { scratch });
  const rebuilt = performance.now();
  counter.count(noStop);
  const counted = performance.now();
  return {
    ...{ seconds: (paired - start) / 1000, cpu: used, pairs },
    grid: (built - start) / 1000,
    count: (counted - rebuilt) / 1000,
  };
}

/** Of the whole process: the threads that compile and collect for this one are ours to pay for. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function writePairs(): void {
  const found: Record<string, Uint8Array[]> = { left_i32: [], right_i32: [], arcsec_f64: [] };
  const matcher = createMatcher(left, right, options, { scratch });
  for (;;) {
    const block = matcher.next(BLOCK_PAIRS, noStop);
    if (block === null) break;
    found['left_i32']!.push(bytesOf(block.left.subarray(0, block.length)));
    found['right_i32']!.push(bytesOf(block.right.subarray(0, block.length)));
    found['arcsec_f64']!.push(bytesOf(block.distArcsec.subarray(0, block.length)));
  }
  const out = join(dir, 'ours');
  mkdirSync(out, { recursive: true });
  for (const [name, parts] of Object.entries(found)) {
    writeFileSync(join(out, `pairs_${name.replace('_', '.')}`), Buffer.concat(parts));
  }
}

/** A copy, as blocks are used again. */
function bytesOf(view: Int32Array | Float64Array): Uint8Array {
  return new Uint8Array(view.slice().buffer);
}

let runs = 0;
for await (const _ of createInterface({ input: process.stdin })) {
  const figures = run();
  if (runs++ === 0) writePairs();
  console.log(JSON.stringify(figures));
}

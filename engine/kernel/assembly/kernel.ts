/**
 * The loops over all rows of a crossmatch, in AssemblyScript: TypeScript that becomes WebAssembly. All threads of a
 * process share one compiled copy, where each would spend half a second on warming up JavaScript; what the loops mean
 * stands where they are called from (grid.ts, probe.ts, count.ts, entries.ts). Compiled by `npm run loops` into ../compiled.ts.
 *
 * Memory is laid out by ../arena.ts and layout.ts; what no unit is said of is in 32-bit units (../fixed-point.ts).
 */
export { answer, toArcsec, unsettled } from './answer';
export { fillCosines, placeRight, testAll } from './chords';
export { nearest } from './few';
export { mostInCell, nextCrowded, refine, sortIntoGrid } from './grid';
export { lookUp, readAhead } from './look-up';
export { countBlock, probe, probed, sumCounts } from './probe';
export { preparePacking, sieveSeveral } from './several';
export { shape } from './shape';
export { sieveCounts, sieveOne } from './sieve';
export {
  beginBox,
  decHigh,
  decLow,
  extendBox,
  lookOver,
  mostTurned,
  quantise,
  raHigh,
  raLow,
} from './units';

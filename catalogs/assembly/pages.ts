/**
 * Values of Parquet pages taken apart and put together, in AssemblyScript, which becomes WebAssembly
 * (../compiled-pages.ts, by `npm run loops`). What comes in begins at `from`, what goes out at `to`, multiples of 16;
 * ../page-loops.ts sees to it that there is room for both.
 */

export { boundDoubles, boundFloats, boundIntegers, boundLongs } from './bounds';
export { packDeltas, packedEnd, unpackDeltas } from './deltas';
export { compact, packRun, unpackBits, unpackRuns } from './runs';
export { joinStreams, joinStreams4, splitStreams, splitStreams4 } from './streams';

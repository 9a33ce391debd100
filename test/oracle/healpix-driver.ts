/**
 * Pixel numbers for the checks in Python: `healpix-driver.ts POSITIONS OUT ORDER…`. POSITIONS holds doubles,
 * all right ascensions and then all declinations; OUT gets 64-bit numbers, the positions at each order in turn.
 */
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { hashPositions, hashToInt32, indexAtOrder } from '../../partitioning/healpix.ts';

const [positions, out, ...orders] = process.argv.slice(2) as [string, string, ...string[]];
const bytes = readFileSync(positions);
const both = new Float64Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 8);
const rows = both.length / 2;
const ra = both.subarray(0, rows);
const dec = both.subarray(rows);
const index = hashPositions(ra, dec, 29);
const file = openSync(out, 'w');
for (const order of orders.map(Number)) {
  const hashed = hashPositions(ra, dec, order);
  const coarser = indexAtOrder(index, 29, order);
  const short = order <= 13 ? hashToInt32(ra, dec, order) : undefined;
  for (let r = 0; r < rows; r++) {
    // The three ways to a number must agree; which one is right, the check decides.
    if (hashed[r] === coarser[r] && (short === undefined || Number(hashed[r]) === short[r]))
      continue;
    throw new Error(
      `order ${order}, ra ${ra[r]}, dec ${dec[r]}: ${hashed[r]}, ${coarser[r]}, ${short?.[r]}`,
    );
  }
  writeFileSync(file, new Uint8Array(hashed.buffer));
}
closeSync(file);

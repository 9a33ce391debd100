/**
 * A mollview of a map, a run per line of input, as `rivals/healpy_mollview.py` draws it.
 *
 *     node bench/draw-run.ts MAP.fits PICTURE.png
 */
import { createInterface } from 'node:readline';
import { readSkyMap } from '../index.ts';

const [file = '', picture = ''] = process.argv.slice(2);
const map = await readSkyMap(file);
for await (const _ of createInterface({ input: process.stdin })) {
  const wall = performance.now();
  const cpu = process.cpuUsage();
  await map.mollview(picture, { scale: 'log', title: 'mollview' });
  const { user, system } = process.cpuUsage(cpu);
  const figures = {
    seconds: (performance.now() - wall) / 1e3,
    cpu: (user + system) / 1e6,
    pairs: map.pixels.length,
  };
  console.log(JSON.stringify(figures));
}

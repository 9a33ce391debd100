/** A picture of a whole sky, 1600 × 800 pixels of map in Mollweide's projection, from a map to a PNG file, beside healpy. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DrawableMap } from '../../pictures/drawable-map.ts';
import { rivalsOf } from '../commands.ts';
import { lineProgram } from '../line-program.ts';
import { type Case, type Settings, type Suite, sameAnswer } from '../suite.ts';
import { oraclePython } from '../venv.ts';

const here = join(import.meta.dirname, '..');

async function* cases(settings: Settings): AsyncGenerator<Case> {
  for (const order of settings.quick ? [6] : [8, 10]) {
    const dir = mkdtempSync(join(tmpdir(), 'crosshatch-bench-'));
    const map = madeUpMap(order);
    const file = join(dir, 'map.fits');
    await map.writeFits(file);
    const ours = lineProgram('crosshatch', [
      ...[process.execPath, join(here, 'draw-run.ts'), file, join(dir, 'ours.png')],
    ]);
    const open = [ours];
    const { programs, absent } = rivalsOf(settings, {
      healpy: () => {
        const script = join(here, 'rivals', 'healpy_mollview.py');
        const rival = lineProgram('healpy', [
          ...[oraclePython(), script, file, join(dir, 'theirs.png')],
        ]);
        open.push(rival);
        return rival;
      },
    });
    try {
      yield {
        name: `mollview of a map of order ${order}, log scale`,
        rows: map.pixels.length,
        programs: [ours, ...programs],
        absent,
        // The tests compare pictures pixel by pixel; here the pixels with a value are counted.
        answer: sameAnswer(),
      };
    } finally {
      for (const program of open) program.close();
      rmSync(dir, { recursive: true, force: true });
    }
  }
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

export const picture: Suite = {
  name: 'picture',
  about: 'a picture of the whole sky out of a map, beside healpy',
  rows: [
    [0, 0],
    [0, 0],
  ],
  cases,
};

/** Periodograms of light curves as the example rr-lyrae computes them, one thread, beside astropy. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { normal, seeded } from '../../examples/random.ts';
import { gridOf } from '../../examples/rr-lyrae/lomb-scargle.ts';
import { rivalsOf } from '../commands.ts';
import { lineProgram } from '../line-program.ts';
import type { Case, Settings, Suite } from '../suite.ts';
import { rivalPython } from '../venv.ts';

const here = join(import.meta.dirname, '..');
/** Points of a curve in one band of Stripe 82, and the nights they were taken in. */
const POINTS = 56;
const DAYS = 3000;
/** Periods of RR Lyrae stars, days. */
const PERIODS = { shortest: 0.2, longest: 0.95 };
/** astropy's fast method extrapolates sines: peaks of the same height may change places. */
const MAY_DIFFER = 0.01;

async function* cases(settings: Settings): AsyncGenerator<Case> {
  const { rows } = settings;
  const dir = mkdtempSync(join(tmpdir(), 'crosshatch-periods-'));
  const grid = writeCurves(dir, rows);
  const ours = lineProgram('crosshatch', [
    ...[process.execPath, join(here, 'periodogram-run.ts'), dir, 'crosshatch'],
  ]);
  const open = [ours];
  const { programs, absent } = rivalsOf(settings, {
    astropy: () => {
      const script = join(here, 'rivals', 'astropy_periodograms.py');
      const rival = lineProgram('astropy', [rivalPython(), script, dir, 'astropy']);
      open.push(rival);
      return rival;
    },
  });
  try {
    yield {
      name: `${rows} curves of ${POINTS} points, ${grid.count} frequencies`,
      rows,
      programs: [ours, ...programs],
      absent,
      answer: async (first) => sameFrequencies(dir, [...first.keys()]),
    };
  } finally {
    for (const program of open) program.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Seeded stars that vary, for both programs. */
function writeCurves(dir: string, curves: number) {
  const total = curves * POINTS;
  const [time, mag, error] = [0, 0, 0].map(() => new Float64Array(total));
  for (let curve = 0; curve < curves; curve++) {
    const random = seeded(curve + 1);
    const { shortest, longest } = PERIODS;
    const period = shortest + (longest - shortest) * random();
    for (let i = curve * POINTS; i < (curve + 1) * POINTS; i++) {
      time![i] = DAYS * random();
      error![i] = 0.02 + 0.03 * random();
      const phase = (2 * Math.PI * time![i]!) / period;
      const shape = 0.4 * Math.sin(phase) + 0.15 * Math.sin(2 * phase + 1);
      mag![i] = 17 + shape + error![i]! * normal(random);
    }
  }
  const grid = gridOf(1 / PERIODS.longest, 1 / PERIODS.shortest, DAYS, 4);
  writeFileSync(join(dir, 'time.f64'), time!);
  writeFileSync(join(dir, 'mag.f64'), mag!);
  writeFileSync(join(dir, 'error.f64'), error!);
  writeFileSync(
    join(dir, 'offsets.i32'),
    Int32Array.from({ length: curves + 1 }, (_, i) => i * POINTS),
  );
  writeFileSync(join(dir, 'grid.f64'), Float64Array.of(grid.first, grid.step, grid.count));
  return grid;
}

function sameFrequencies(dir: string, programs: readonly string[]): string {
  const [ours, ...others] = programs.map(
    (name) => new Int32Array(new Uint8Array(readFileSync(join(dir, `${name}.i32`))).buffer),
  );
  let different = 0;
  for (const theirs of others) {
    different = ours!.filter((best, curve) => Math.abs(best - theirs[curve]!) > 1).length;
    if (different > MAY_DIFFER * ours!.length) {
      throw new Error(`${different} of ${ours!.length} best frequencies differ`);
    }
  }
  return `${ours!.length} best frequencies, ${different} of them another`;
}

export const lombScargle: Suite = {
  name: 'lomb-scargle',
  about: 'periodograms of light curves, one thread, beside astropy',
  rows: [
    [10_000, 0],
    [200, 0],
  ],
  cases,
};

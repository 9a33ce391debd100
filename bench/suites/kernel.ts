/** The kernel alone, one thread, on arrays: beside SciPy's tree, astropy, DuckDB's SQL, smatch and STILTS. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rivalsOf } from '../commands.ts';
import { kernelPositions, type Place } from '../kernel-data.ts';
import { lineProgram } from '../line-program.ts';
import { stilts } from '../stilts.ts';
import type { Case, Settings, Suite } from '../suite.ts';
import { oraclePython, rivalPython } from '../venv.ts';

/** SciPy subtracts unit vectors, astropy and STILTS do other things: errors of this size, arcsec. */
const TOLERANCE_ARCSEC = 1e-6;

interface KernelCase {
  readonly place: Place;
  readonly radius: number;
  readonly neighbors: number;
}

const CASES: readonly KernelCase[] = [
  { place: 'uniform', radius: 0.1, neighbors: 1 },
  { place: 'uniform', radius: 1, neighbors: 1 },
  { place: 'uniform', radius: 10, neighbors: 1 },
  { place: 'uniform', radius: 60, neighbors: 1 },
  { place: 'uniform', radius: 30, neighbors: 5 },
  { place: 'uniform', radius: 60, neighbors: 10 },
  { place: 'sky', radius: 1, neighbors: 1 },
  { place: 'plane', radius: 1, neighbors: 1 },
  { place: 'clumps', radius: 1, neighbors: 1 },
];
const QUICK = [CASES[1]!, CASES[4]!, CASES[8]!];

const here = join(import.meta.dirname, '..');

async function* cases(settings: Settings): AsyncGenerator<Case> {
  const { rows, quick } = settings;
  for (const one of quick ? QUICK : CASES) {
    const dir = mkdtempSync(join(tmpdir(), 'crosshatch-kernel-'));
    const data = await kernelPositions(one.place, rows);
    for (const [name, side] of Object.entries(data)) {
      writeFileSync(join(dir, `${name}_ra.f64`), side.ra);
      writeFileSync(join(dir, `${name}_dec.f64`), side.dec);
    }
    const made = programsOf(one, dir, settings);
    try {
      yield {
        name: `${one.place}, ${one.radius}″, ${one.neighbors} nearest, ${rows} a side`,
        rows: data.left.length + data.right.length,
        programs: made.programs,
        absent: made.absent,
        answer: async (first) => answerOf(dir, [...first.keys()]),
      };
    } finally {
      made.close();
      rmSync(dir, { recursive: true, force: true });
    }
  }
}

function programsOf({ place, radius, neighbors }: KernelCase, dir: string, settings: Settings) {
  const args = [dir, String(radius), String(neighbors)];
  const open: { close(): void }[] = [];
  const line = (name: string, ...command: string[]) => {
    const program = lineProgram(name, [...command, ...args]);
    open.push(program);
    return program;
  };
  const rivals = rivalsOf(settings, {
    scipy: () => line('scipy', oraclePython(), join(here, 'rivals', 'kd_tree.py')),
    astropy: () => {
      onlyNearest(neighbors);
      return line('astropy', rivalPython(), join(here, 'rivals', 'astropy_arrays.py'));
    },
    duckdb: () => {
      onlyNearest(neighbors);
      if (radius > 30) throw new Error('its join makes too many candidates at this radius');
      notInClumps(place);
      return line('duckdb', process.execPath, join(here, 'rivals', 'duckdb-pairs.ts'));
    },
    smatch: () => {
      // Of five it kept others than the nearest around a quarter of the points (0.10.2).
      onlyNearest(neighbors);
      onlyNear(radius);
      if (radius < 10) throw new Error('it compares cosines, which err about pairs on the border');
      const python = rivalPython();
      if (spawnSync(python, ['-c', 'import smatch']).status !== 0) {
        throw new Error('it is not on PyPI: build it into the environment of the rivals');
      }
      return line('smatch', python, join(here, 'rivals', 'smatch_arrays.py'));
    },
    stilts: () => {
      onlyNearest(neighbors);
      onlyNear(radius);
      notInClumps(place);
      return stilts(dir, radius);
    },
  });
  const ours = line('ours', process.execPath, join(here, 'kernel-run.ts'));
  return {
    ...rivals,
    programs: [ours, ...rivals.programs],
    close: () => {
      for (const program of open) program.close();
    },
  };
}

function onlyNearest(neighbors: number): void {
  if (neighbors !== 1) throw new Error('it gives the nearest neighbour or all of them, not k');
}

function notInClumps(place: Place): void {
  if (place === 'clumps') throw new Error('it takes minutes, as it tries all pairs of a clump');
}

function onlyNear(radius: number): void {
  if (radius > 10) throw new Error('it takes minutes at this radius');
}

/** How many pairs all found. @throws where one has others than the kernel */
function answerOf(dir: string, programs: readonly string[]): string {
  const ours = pairsOf(join(dir, 'ours'));
  for (const name of programs) {
    const theirs = pairsOf(join(dir, name));
    let different = 0;
    for (let i = 0; i < ours.left.length; i++) {
      const near = Math.abs(ours.arcsec[i]! - theirs.arcsec[i]!) <= TOLERANCE_ARCSEC;
      const same = ours.left[i] === theirs.left[i] && ours.right[i] === theirs.right[i];
      if (!(near && same)) different++;
    }
    if (different > 0 || ours.left.length !== theirs.left.length) {
      throw new Error(
        `${different} of ${ours.left.length} pairs differ from the ${theirs.left.length} of ${name}`,
      );
    }
  }
  return `${ours.left.length} pairs`;
}

function pairsOf(dir: string) {
  const bytesOf = (name: string) => new Uint8Array(readFileSync(join(dir, name))).buffer;
  return {
    left: new Int32Array(bytesOf('pairs_left.i32')),
    right: new Int32Array(bytesOf('pairs_right.i32')),
    arcsec: new Float64Array(bytesOf('pairs_arcsec.f64')),
  };
}

export const kernel: Suite = {
  name: 'kernel',
  about:
    'the match alone on arrays, one thread: densities, radii and k, beside SciPy, astropy, SQL',
  rows: [
    [1e6, 1e6],
    [50_000, 50_000],
  ],
  cases,
};

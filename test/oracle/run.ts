/**
 * Checks against the Python programs of the field: `npm run test:oracle`, or `npm run test:oracle -- WORD`
 * for the files with WORD in their name.
 *
 * A check is a program `test/oracle/NAME.check.py`. It prints one line for each thing it checked, `ok NAME`,
 * `not ok NAME: reason` or `skip NAME: reason`, and exits with 0. It runs in the repository's root and finds
 * in its environment `CROSSHATCH_SHARED` (absolute path of the sample data), `CROSSHATCH_NODE` (the Node to
 * start the program with) and `CROSSHATCH_SCRATCH` (an empty folder of its own, removed afterwards).
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { oraclePython } from '../../bench/venv.ts';
import { addCounts, type Counts, countsText, failure, noCounts } from '../counts.ts';

const root = path.resolve(import.meta.dirname, '..', '..');
const CHECK_LIMIT_MS = 10 * 60_000;

/** The longest go first, so that none of them is left for the end, alone. */
const LONGEST = ['read', 'xmatch', 'write', 'nested', 'pictures', 'generator'].map(
  (name) => `${name}.check.py`,
);

/** Runs every check file whose name contains `word`; their lines go to stdout as they come. */
export async function runOracleChecks(word = ''): Promise<Counts> {
  const files = readdirSync(import.meta.dirname)
    .filter((name) => name.endsWith('.check.py') && name.includes(word))
    .sort((a, b) => turnOf(a) - turnOf(b));
  try {
    if (files.length === 0) throw new Error(`no check in test/oracle with "${word}" in its name`);
    const python = oraclePython();
    let total = noCounts;
    // Most of a check is one thread of Python, or one of Node: two at a time keep two cores busy.
    const takeNext = async () => {
      for (let file = files.shift(); file !== undefined; file = files.shift()) {
        const counts = await runCheck(python, file);
        total = addCounts(total, counts);
      }
    };
    await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, takeNext));
    return total;
  } catch (error) {
    console.log(`not ok oracle: ${(error as Error).message}`);
    return failure((error as Error).message);
  }
}

function turnOf(file: string): number {
  const turn = LONGEST.indexOf(file);
  return turn < 0 ? LONGEST.length : turn;
}

async function runCheck(python: string, file: string): Promise<Counts> {
  const start = performance.now();
  const scratch = mkdtempSync(path.join(tmpdir(), 'crosshatch-oracle-'));
  const child = spawn(python, ['-u', path.join('test', 'oracle', file)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: CHECK_LIMIT_MS,
    env: {
      ...process.env,
      CROSSHATCH_SHARED: path.resolve(root, process.env.CROSSHATCH_SHARED ?? '../shared'),
      CROSSHATCH_NODE: process.execPath,
      CROSSHATCH_SCRATCH: scratch,
      PYTHONUTF8: '1',
      // hats compiles what aligns lists of pixels, for 20 s in every process; the lists here are short.
      NUMBA_DISABLE_JIT: '1',
    },
  });
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(`with "${error.message}"`));
    child.on('close', (code, signal) => resolve(code === null ? `by ${signal}` : `with ${code}`));
  });
  try {
    let counts = noCounts;
    for await (const line of createInterface({ input: child.stdout })) {
      console.log(`${line}  (${file.replace('.check.py', '')})`);
      counts = addCounts(counts, countLine(line, file));
    }
    const end = await ended;
    console.log(`   ${file} took ${((performance.now() - start) / 1000).toFixed(0)} s`);
    if (end !== 'with 0') return failed(counts, `${file}: it ended ${end}`);
    if (counts.passed + counts.failed + counts.skipped === 0) {
      return failed(counts, `${file}: it checked nothing`);
    }
    return counts;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** A skipped check is a failure when `CI=true`: there everything it needs must be present. */
function countLine(line: string, file: string): Counts {
  if (line.startsWith('ok ')) return { ...noCounts, passed: 1 };
  if (line.startsWith('not ok ')) return failure(`${file}: ${line}`);
  if (!line.startsWith('skip ')) return noCounts;
  return process.env.CI === 'true' ? failure(`${file}: ${line}`) : { ...noCounts, skipped: 1 };
}

function failed(counts: Counts, reason: string): Counts {
  console.log(`not ok ${reason}`);
  return addCounts(counts, failure(reason));
}

if (import.meta.main) {
  const counts = await runOracleChecks(process.argv[2]);
  console.log(countsText(counts));
  if (counts.failed > 0) process.exitCode = 1;
}

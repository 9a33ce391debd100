/**
 * Everything that must pass, in one go: `npm test`, or `npm test -- unit oracle` for some of the stages.
 * The last line it prints is the sum over the stages, `N passed, N failed`.
 */
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import { addCounts, type Counts, countsText, failure, noCounts } from './counts.ts';
import { runOracleChecks } from './oracle/run.ts';
import { runVitest } from './vitest-stage.ts';

const root = path.resolve(import.meta.dirname, '..');

// A stage that hangs must become a failure while there is still time to say so.
const STAGE_LIMIT_MS = 20 * 60_000;

/** Tests start hundreds of threads and programs from the sources: types are stripped once, not in each of them. */
process.env.NODE_COMPILE_CACHE ??= path.join(root, 'node_modules', '.cache', 'compile');

/** Needs a Python that the oracle checks have: test/oracle/s3.check.py runs it. */
const SECOND_SERVER = 'test/remote/second-server.test.ts';

const stages: Readonly<Record<string, () => Counts | Promise<Counts>>> = {
  format: () => runTool(['exec', '--', 'biome', 'format', '.']),
  lint: () => runTool(['run', 'lint', '--', '--formatter-enabled=false']),
  types: () => runTool(['run', 'types']),
  unit: () => vitest(['test/package/**', SECOND_SERVER].flatMap((path) => ['--exclude', path])),
  package: () => vitest(['test/package']),
  oracle: () => runOracleChecks(),
};

/** Makes the Python of the oracle checks, which is mostly waiting for downloads, while other stages run. */
function prepareOracles(): Promise<unknown> {
  const maker = path.join(root, 'bench', 'venv.ts');
  const child = spawn(process.execPath, [maker], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: STAGE_LIMIT_MS,
  });
  // Where it fails, the stage itself says why.
  return new Promise((resolve) => child.on('error', resolve).on('close', resolve));
}

/** Runs npm with these arguments; true when it ended well. */
function npm(args: readonly string[]): boolean {
  return program('npm', ['--silent', ...args]);
}

/** Runs a program; true when it ended well. */
function program(command: string, args: readonly string[]): boolean {
  const { status, error } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: STAGE_LIMIT_MS,
    shell: command === 'npm' && process.platform === 'win32',
  });
  if (error !== undefined) console.error(error.message);
  return status === 0;
}

/** A tool that only says yes or no counts as one test. */
function runTool(args: readonly string[]): Counts {
  return npm(args) ? { ...noCounts, passed: 1 } : failure(`npm ${args.join(' ')}`);
}

function vitest(args: readonly string[]): Counts {
  return runVitest(root, args, program);
}

async function main(): Promise<void> {
  const asked = process.argv.slice(2);
  const unknown = asked.filter((name) => !(name in stages));
  if (unknown.length > 0) {
    console.error(`no stage ${unknown.join(', ')}; there are ${Object.keys(stages).join(', ')}`);
    process.exitCode = 2;
    return;
  }
  const lines: string[] = [];
  let total = noCounts;
  const prepared = asked.length === 0 ? prepareOracles() : undefined;
  for (const [name, run] of Object.entries(stages)) {
    if (asked.length > 0 && !asked.includes(name)) continue;
    if (name === 'oracle') await prepared;
    console.log(`\n== ${name}`);
    const start = performance.now();
    const counts = await run();
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    lines.push(`${name.padEnd(8)} ${seconds.padStart(6)} s  ${countsText(counts)}`);
    total = addCounts(total, counts);
  }
  for (const reason of total.failures) console.log(`\nfailed: ${reason}`);
  console.log(`\n${lines.join('\n')}\n`);
  console.log(countsText(total));
  if (total.failed > 0) process.exitCode = 1;
}

await main();

/**
 * Benchmarks beside the programs of the field on the same catalogs, answers compared first:
 *
 *     npm run bench -- [suite …] [--quick] [--list]
 *
 * `--help` shows the rest. Whole processes of what the package installs: the program is built first. Prints tables, and leaves
 * figures (JSON) and a plot (SVG) in bench/results.
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { close } from '../index.ts';
import { machine } from './machine.ts';
import { plotCases } from './plot.ts';
import { caseTable, type Report, writeFile } from './report.ts';
import { type CaseFigures, runSuite } from './runner.ts';
import type { Settings, Suite } from './suite.ts';
import { suites } from './suites/index.ts';

const HELP = `npm run bench -- [suite …] [options]      all suites without a name; 'model': the scale model

  --list             names of the suites
  --quick            small data, one run each: whether it works, in a minute a suite
  --rows N           rows of the left catalog (default: the suite's)
  --right-rows N     rows of the right one
  --workers N        threads of ours, processes of rivals (default: all cores)
  --runs N           measured runs of each program (default: 5)
  --import           catalogs as hats-import makes them of the same rows
  --alone            without the programs of others
  --json FILE        where the figures go (default: bench/results/latest.json; the plot lies beside it)`;

const here = import.meta.dirname;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      import: { type: 'boolean', default: false },
      alone: { type: 'boolean', default: false },
      rows: { type: 'string' },
      'right-rows': { type: 'string' },
      workers: { type: 'string', default: String(availableParallelism()) },
      runs: { type: 'string' },
      json: { type: 'string', default: join(here, 'results', 'latest.json') },
      figures: { type: 'string' },
    },
  });
  if (values.help) return console.log(HELP);
  if (values.list) return console.log(listing());
  if (positionals[0] === 'model') {
    const { runModel } = await import('./model/run.ts');
    return runModel(values.figures === undefined ? {} : { figures: values.figures });
  }
  const asked = chosen(positionals);
  execFileSync(process.execPath, [join(here, '..', 'build.ts')], { stdio: 'inherit' });
  const base = {
    quick: values.quick,
    imported: values.import,
    alone: values.alone,
    workers: Number(values.workers),
    runs: Number(values.runs ?? (values.quick ? 0 : 5)),
  };
  const cases: CaseFigures[] = [];
  const failures: { suite: string; reason: string }[] = [];
  const write = () =>
    writeReport(values.json, {
      ...{ machine: machine(), date: new Date().toISOString(), settings: base, cases, failures },
    });
  for (const suite of asked) {
    const [left, right] = suite.rows[values.quick ? 1 : 0];
    const rows = Number(values.rows ?? left);
    const rightRows = Number(values['right-rows'] ?? values.rows ?? right);
    const settings: Settings = { ...base, rows, rightRows };
    try {
      await runSuite(suite, settings, (figures) => {
        cases.push(figures);
        console.log(`\n${caseTable(figures)}`);
        write();
      });
    } catch (error) {
      // The other suites may tell something all the same.
      failures.push({ suite: suite.name, reason: (error as Error).message });
      console.error(`\n${suite.name} failed: ${(error as Error).message}`);
      write();
    }
  }
  await close();
  if (failures.length > 0) process.exitCode = 1;
}

function chosen(names: readonly string[]): readonly Suite[] {
  if (names.length === 0 || names.includes('all')) return suites;
  return names.map((name) => {
    const found = suites.find((suite) => suite.name === name);
    if (found === undefined) throw new Error(`there is no suite "${name}"\n\n${listing()}`);
    return found;
  });
}

function listing(): string {
  const lines = suites.map(({ name, about }) => `  ${name.padEnd(14)} ${about}`);
  return [...lines, `  ${'model'.padEnd(14)} how it scales to many cores and machines`].join('\n');
}

function writeReport(file: string, report: Report): void {
  writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  writeFile(file.replace(/\.json$/, '.svg'), plotCases(report.cases, report.machine));
}

await main();

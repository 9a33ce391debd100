/**
 * Benchmarks beside the programs of the field on the same catalogs, answers compared first:
 *
 *     npm run bench -- [suite …] [--quick] [--list]
 *
 * `--help` shows the rest. Whole processes of what the package installs: the program is built first. Prints tables, and leaves
 * figures (JSON) and a plot (SVG) in bench/results.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { close } from '../index.ts';
import { machine } from './machine.ts';
import { HELP, type Options, optionsOf, resultsDir } from './options.ts';
import { plotCases } from './plot.ts';
import { caseTable, profileTable, type Report, writeFile } from './report.ts';
import { type CaseFigures, runSuite } from './runner.ts';
import type { Settings, Suite } from './suite.ts';
import { suites } from './suites/index.ts';

const MODEL = 'model';
const here = import.meta.dirname;

async function main(): Promise<void> {
  const { options, asked } = request();
  if (options.help) return console.log(HELP);
  if (options.list) return console.log(listing());
  if (asked.length > 0) await runSuites(asked, options);
  if (!options.names.includes(MODEL)) return;
  const { runModel } = await import('./model/run.ts');
  try {
    await runModel(options.figures === undefined ? {} : { figures: options.figures });
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}

/** What is asked for; a request that makes no sense ends here, before any work. */
function request(): { readonly options: Options; readonly asked: readonly Suite[] } {
  try {
    const options = optionsOf(process.argv.slice(2));
    return { options, asked: chosen(options.names) };
  } catch (error) {
    console.error(`${(error as Error).message}\n\n--help shows the options`);
    process.exit(2);
  }
}

async function runSuites(asked: readonly Suite[], options: Options): Promise<void> {
  execFileSync(process.execPath, [join(here, '..', 'build.ts')], { stdio: 'inherit' });
  const base = options.settings;
  const cases: CaseFigures[] = [];
  const failures: { suite: string; reason: string }[] = [];
  const reportOf = (all: readonly CaseFigures[]): Report => ({
    ...{ machine: machine(), date: new Date().toISOString(), settings: base, cases: all, failures },
  });
  const latest = options.json ?? join(resultsDir, 'latest.json');
  for (const suite of asked) {
    const [left, right] = suite.rows[base.quick ? 1 : 0];
    const rows = options.rows ?? left;
    const settings: Settings = {
      ...base,
      rows,
      rightRows: options.rightRows ?? options.rows ?? right,
    };
    const own: CaseFigures[] = [];
    try {
      await runSuite(suite, settings, (figures) => {
        own.push(figures);
        cases.push(figures);
        console.log(`\n${caseTable(figures)}`);
        if (options.profile) console.log(profileTable(figures));
        writeReport(latest, reportOf(cases));
      });
      // Beside the latest figures: those of each suite stay until it runs again, for the model and to look them up.
      if (options.json === undefined && !base.quick) {
        writeReport(join(resultsDir, `${suite.name}.json`), reportOf(own));
      }
    } catch (error) {
      // The other suites may tell something all the same.
      failures.push({ suite: suite.name, reason: (error as Error).message });
      console.error(`\n${suite.name} failed: ${(error as Error).message}`);
      writeReport(latest, reportOf(cases));
    }
  }
  await close();
  if (failures.length > 0) process.exitCode = 1;
}

function chosen(names: readonly string[]): readonly Suite[] {
  if (names.length === 0 || names.includes('all')) return suites;
  return names
    .filter((name) => name !== MODEL)
    .map((name) => {
      const found = suites.find((suite) => suite.name === name);
      if (found === undefined) throw new Error(`there is no suite "${name}"\n\n${listing()}`);
      return found;
    });
}

function listing(): string {
  const lines = suites.map(({ name, about }) => `  ${name.padEnd(14)} ${about}`);
  return [...lines, `  ${MODEL.padEnd(14)} how it scales to many cores and machines`].join('\n');
}

function writeReport(file: string, report: Report): void {
  writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
  writeFile(file.replace(/\.json$/, '.svg'), plotCases(report.cases, report.machine));
}

await main();

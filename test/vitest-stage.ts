/** A stage of `npm test` that vitest runs: its tests counted, and what failed of them in words. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Counts, failure } from './counts.ts';

/** A message's first lines say what was wrong; the whole of it stands where the test failed. */
const LINES_OF_MESSAGE = 12;

/** What is used of vitest's JSON report. */
interface VitestReport {
  readonly numPassedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** Runs vitest with these arguments by `program`, which says whether it ended well. */
export function runVitest(
  root: string,
  args: readonly string[],
  program: (command: string, args: readonly string[]) => boolean,
): Counts {
  const folder = mkdtempSync(path.join(tmpdir(), 'crosshatch-test-'));
  const file = path.join(folder, 'report.json');
  try {
    const report = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    // Not by way of npm: at the time limit it would end alone, and leave the tests running beside the next stage.
    const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const ok = program(process.execPath, [vitest, 'run', ...args, ...report]);
    if (!existsSync(file)) return failure('vitest left no report');
    const counts = countReport(JSON.parse(readFileSync(file, 'utf8')) as VitestReport, root);
    // No test at all, or an error outside of every test, shows in the exit status only.
    const unsaid = { failed: 1, failures: ['vitest ended badly, though no test failed'] };
    return ok || counts.failed > 0 ? counts : { ...counts, ...unsaid };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function countReport(report: VitestReport, root: string): Counts {
  const failures = report.testResults.flatMap((file) => {
    const name = path.relative(root, file.name);
    const failed = file.assertionResults.filter(({ status }) => status === 'failed');
    // A file that cannot be loaded has no tests that could be counted as failed.
    if (failed.length === 0 && file.status === 'failed') {
      const message = file.message || 'a hook failed, or the file did not come to its end';
      return [`${name}: ${start(message)}`];
    }
    return failed.map(
      (test) => `${name}: ${test.fullName}\n${start(test.failureMessages.join('\n'))}`,
    );
  });
  return {
    passed: report.numPassedTests,
    failed: failures.length,
    skipped: report.numPendingTests + report.numTodoTests,
    failures,
  };
}

function start(message: string): string {
  return message.split('\n').slice(0, LINES_OF_MESSAGE).join('\n');
}

/** What every command that runs something shares: signals, progress, warnings, and the last word. */
import type { RunSettings } from '../engine/runtime.ts';
import { abortedError, CrosshatchError } from '../partitioning/error.ts';
import type { RunFlags } from './flags.ts';
import { catchInterrupts } from './interrupt.ts';
import { type Moments, profileOf, profileText } from './profile.ts';
import { createProgressView } from './progress.ts';
import { applyRemoteFlags } from './remote.ts';
import { networkText, type Outcome, outcomeJson } from './summary.ts';

/** A command at work. */
export interface Run {
  /** For the ends of queries. */
  readonly settings: RunSettings;
  /** Prints a line for people; not when JSON is asked for. */
  say(line: string): void;
  /** Says that the catalogs are open: what comes from here on is planning. */
  opened(): void;
  /** From here on an interrupted run leaves something that --resume goes on from. */
  canResume(): void;
  /** Throws when a signal has come, between the steps of a command that has several. */
  checkInterrupt(): void;
}

/** What a command gives back: counters for JSON, and lines for people. */
export type Finished = { readonly outcome: Outcome; readonly lines: readonly string[] } | Printed;

/** Data that is printed as it is, for commands that run nothing. */
export type Printed = { readonly data: unknown; readonly lines: readonly string[] };

/** Runs `body` and prints what it gives. */
export async function runCommand(
  flags: RunFlags & { readonly dropInvalid?: boolean },
  body: (run: Run) => Promise<Finished>,
): Promise<void> {
  const view = createProgressView(flags.progress, process.stderr);
  const warned = new Set<string>();
  let tasks = 0;
  let resumable = false;
  const begun = performance.now();
  let opened: number | null = null;
  const interrupts = catchInterrupts(() => view.say('stopping; a second signal exits at once'));
  const { signal } = interrupts;
  const warn = (message: string) => {
    // A run may check its plan more than once.
    if (!warned.has(message)) view.say(`warning: ${message}`);
    warned.add(message);
  };
  try {
    await applyRemoteFlags(flags);
    const finished = await body({
      settings: {
        signal,
        onProgress: (progress) => {
          if (progress.tasksDone === 0) tasks += progress.tasks;
          view.update(progress);
        },
        onWarning: warn,
        workers: flags.workers,
        memoryBytes: flags.memory,
        dropInvalid: flags.dropInvalid === true,
        ...(flags.maxBytes === undefined ? {} : { maxBytes: flags.maxBytes }),
        ...(flags.maxCost === undefined ? {} : { maxCostDollars: flags.maxCost }),
      },
      say: (line) => {
        if (flags.json !== true) process.stdout.write(`${line}\n`);
      },
      opened: () => {
        opened = performance.now();
      },
      canResume: () => {
        resumable = true;
      },
      checkInterrupt: () => {
        if (signal.aborted) throw abortedError();
      },
    });
    view.end();
    printFinished(finished, flags, tasks, { begun, opened, ended: performance.now() });
  } catch (error) {
    view.end();
    throw isAborted(error) ? interruptedError(resumable) : error;
  } finally {
    interrupts.release();
  }
}

function printFinished(finished: Finished, flags: RunFlags, tasks: number, moments: Moments): void {
  if ('data' in finished) {
    print(flags.json === true ? [JSON.stringify(finished.data)] : finished.lines);
    return;
  }
  const { outcome, lines } = finished;
  const { stats } = outcome;
  const profile = profileOf(stats, moments);
  if (flags.verbose === true && stats !== undefined && profile !== undefined) {
    process.stderr.write(`${profileText(stats, profile).join('\n')}\n`);
  }
  const network = networkText();
  const all = network === undefined ? lines : [...lines, network];
  print(flags.json === true ? [outcomeJson(outcome, tasks, profile)] : all);
}

function print(lines: readonly string[]): void {
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}

function isAborted(error: unknown): boolean {
  return error instanceof CrosshatchError && error.tag === 'aborted';
}

function interruptedError(resumable: boolean): CrosshatchError {
  return abortedError(
    resumable
      ? 'interrupted; what is finished is kept, and the same command with --resume continues'
      : 'interrupted; no output was written',
  );
}

/** Turns what went wrong into a message of one to three lines and an exit code. */
import { CommanderError } from 'commander';
import { CrosshatchError } from '../partitioning/error.ts';

export const EXIT_DONE = 0;
export const EXIT_FAILED = 1;
export const EXIT_WRONG_REQUEST = 2;
export const EXIT_INTERRUPTED = 130;

/** The exit code that scripts rely on. */
export function exitCodeOf(error: unknown): number {
  // Commander gives 0 to help and version, 1 to everything that is wrong with the arguments.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_DONE : EXIT_WRONG_REQUEST;
  if (!(error instanceof CrosshatchError)) return EXIT_FAILED;
  if (error.tag === 'request') return EXIT_WRONG_REQUEST;
  return error.tag === 'aborted' ? EXIT_INTERRUPTED : EXIT_FAILED;
}

/** The message for stderr; empty where it has been said already. */
export function messageOf(error: unknown, debug: boolean): string {
  if (error instanceof CommanderError) return '';
  if (debug && error instanceof Error) return `error: ${error.stack ?? error.message}\n`;
  if (error instanceof CrosshatchError) {
    return error.tag === 'aborted' ? `${error.message}\n` : `error: ${error.message}\n`;
  }
  const what = error instanceof Error ? error.message : String(error);
  return `error: ${what.split('\n', 1)[0]}\nThis is a defect of crosshatch; --debug shows where it happened.\n`;
}

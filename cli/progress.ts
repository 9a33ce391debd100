/** Shows how far a run is, on stderr: a bar, plain lines, or one JSON object per line. */
import type { Progress } from '../engine/physical/progress.ts';
import type { ProgressMode } from './flags.ts';
import { aboutSecondsText, countOf, countText, secondsText } from './format.ts';

const BAR_EVERY_MS = 100;
const LINE_EVERY_MS = 5000;
const BAR_CELLS = 20;
const ESCAPE = '\u001b';
const CLEAR_LINE = `\r${ESCAPE}[2K`;

export interface ProgressView {
  update(progress: Progress): void;
  /** Prints a line of text, out of the way of a bar. */
  say(line: string): void;
  end(): void;
}

/** The part of a stream that is used: a terminal, a file or a pipe. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export function createProgressView(mode: ProgressMode, stream: ProgressStream): ProgressView {
  switch (mode) {
    case 'auto':
      return stream.isTTY === true ? barView(stream) : linesView(stream);
    case 'plain':
      return linesView(stream);
    case 'json':
      return {
        update: (progress) => stream.write(`${JSON.stringify(progress)}\n`),
        say: (line) => stream.write(`${JSON.stringify({ message: line })}\n`),
        end() {},
      };
    case 'none':
      return { update() {}, say: (line) => stream.write(`${line}\n`), end() {} };
    default:
      throw new Error(`unknown form of progress ${mode satisfies never}`);
  }
}

/** The last event, and what the clock has added to it since. */
interface Latest {
  readonly progress: Progress;
  readonly at: number;
}

function linesView(stream: ProgressStream): ProgressView {
  let latest: Latest | null = null;
  const timer = setInterval(() => {
    if (latest !== null) stream.write(`${lineText(grown(latest))}\n`);
  }, LINE_EVERY_MS);
  timer.unref();
  return {
    update: (progress) => {
      latest = isRunning(progress) ? { progress, at: performance.now() } : null;
    },
    say: (line) => stream.write(`${line}\n`),
    end: () => clearInterval(timer),
  };
}

function barView(stream: ProgressStream): ProgressView {
  let latest: Latest | null = null;
  let drawn = false;
  const clear = () => {
    if (drawn) stream.write(CLEAR_LINE);
    drawn = false;
  };
  const draw = () => {
    if (latest === null) return clear();
    const room = (stream.columns ?? 80) - 1;
    stream.write(CLEAR_LINE + barText(grown(latest)).slice(0, room));
    drawn = true;
  };
  const timer = setInterval(draw, BAR_EVERY_MS);
  timer.unref();
  return {
    update: (progress) => {
      latest = isRunning(progress) ? { progress, at: performance.now() } : null;
    },
    say: (line) => {
      clear();
      stream.write(`${line}\n`);
    },
    end: () => {
      clearInterval(timer);
      clear();
    },
  };
}

function isRunning({ tasksDone, tasks }: Progress): boolean {
  return tasksDone < tasks;
}

/** Events come when tasks end; in between, time goes on. */
function grown({ progress, at }: Latest): Progress {
  const since = (performance.now() - at) / 1000;
  const { elapsedSeconds, remainingSeconds } = progress;
  return {
    ...progress,
    elapsedSeconds: elapsedSeconds + since,
    remainingSeconds: remainingSeconds === null ? null : Math.max(0, remainingSeconds - since),
  };
}

/** `match: 12 of 27 tasks, 1,234,567 rows, 12.1 s, about 14 s left` */
export function lineText(progress: Progress): string {
  const { phase, tasksDone, tasks, rows, elapsedSeconds } = progress;
  const parts = [`${countText(tasksDone)} of ${countOf(tasks, 'task')}`];
  if (rows > 0) parts.push(countOf(rows, 'row'));
  parts.push(secondsText(elapsedSeconds));
  return `${phase}: ${[...parts, ...leftText(progress)].join(', ')}`;
}

/** `match [#########-----------]  45 %  1,234,567 rows  12.1 s, about 14 s left` */
export function barText(progress: Progress): string {
  const { phase, tasksDone, tasks, rows, elapsedSeconds, remainingSeconds } = progress;
  // The remaining time follows the sizes of tasks, their number does not.
  const share =
    remainingSeconds === null || elapsedSeconds + remainingSeconds === 0
      ? tasksDone / Math.max(1, tasks)
      : elapsedSeconds / (elapsedSeconds + remainingSeconds);
  const full = Math.floor(share * BAR_CELLS);
  const bar = '#'.repeat(full) + '-'.repeat(BAR_CELLS - full);
  const percent = String(Math.floor(share * 100)).padStart(3);
  const count = rows > 0 ? `  ${countOf(rows, 'row')}` : '';
  const times = [secondsText(elapsedSeconds), ...leftText(progress)].join(', ');
  return `${phase} [${bar}] ${percent} %${count}  ${times}`;
}

function leftText({ remainingSeconds }: Progress): string[] {
  return remainingSeconds === null ? [] : [`about ${aboutSecondsText(remainingSeconds)} left`];
}

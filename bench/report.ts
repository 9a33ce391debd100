/** What a benchmark says: a table, JSON with the machine, a plot. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Machine } from './machine.ts';
import type { Spread } from './process.ts';
import type { CaseFigures } from './runner.ts';
import type { Settings } from './suite.ts';

/** What is written as JSON. */
export interface Report {
  readonly machine: Machine;
  /** ISO 8601. */
  readonly date: string;
  readonly settings: Partial<Settings>;
  readonly cases: readonly CaseFigures[];
  /** Suites that failed, and why. */
  readonly failures: readonly { readonly suite: string; readonly reason: string }[];
}

/** Lines of text about a case: one for each program. */
export function caseTable({ programs, absent, answer, name, suite, load }: CaseFigures): string {
  const head = ['program', 'wall s', 'CPU s', 'peak MB', 'read MB', 'Mrows/CPU-s', 'wall', 'CPU'];
  const keys = [...new Set(programs.flatMap(({ more }) => Object.keys(more)))];
  const lines = programs.map((one) => [
    one.program,
    range(one.seconds),
    range(one.cpuSeconds),
    megabytes(one.peakBytes),
    megabytes(one.readBytes),
    significant(one.rowsPerCpuSecond / 1e6),
    `${one.wallRatio.toFixed(2)} ×`,
    `${one.cpuRatio.toFixed(2)} ×`,
    ...keys.map((key) => (one.more[key] === undefined ? '–' : range(one.more[key]))),
  ]);
  const missing = absent.map(({ name: program, reason }) => `  ${program}: absent, ${reason}`);
  const title = `${suite}: ${name} · answer ${answer} · load ${load.map((l) => l.toFixed(1)).join(' → ')}`;
  return [title, ...table([...head, ...keys], lines), ...missing].join('\n');
}

/** Stages that follow one another in the process; the phases before them are of all workers together. */
const STAGES = ['before tasks', 'tasks stage', 'reduce', 'dispatch'];

/** Seconds by phase, of programs that say where their time went. */
export function profileTable({ programs, rows }: CaseFigures): string {
  const told = programs.filter(({ profile }) => Object.keys(profile).length > 0);
  if (told.length === 0) return '  none of these programs says where its time went';
  const phases = Object.keys(told[0]!.profile).filter(
    (key) => !STAGES.includes(key) && !COUNTS.includes(key),
  );
  const head = ['seconds', ...phases, ...STAGES, 'Mrows/s/core'];
  const lines = told.map(({ program, profile }) => {
    const rate = rows / (profile['tasks stage']! * profile['workers']!) / 1e6;
    const seconds = [...phases, ...STAGES].map((key) => significant(profile[key]!));
    return [program, ...seconds, significant(rate)];
  });
  const note =
    '  phases: of all workers together; the rate: rows of both sides while tasks ran, a worker';
  return [...table(head, lines), note].join('\n');
}

/** Of a profile: what is no time. */
const COUNTS = ['task count', 'workers'];

/** Columns as wide as what is in them; numbers end where their column ends. */
export function table(head: readonly string[], lines: readonly (readonly string[])[]): string[] {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...lines.map((line) => line[column]!.length)),
  );
  return [head, ...lines].map((line) => {
    const cells = line.map((text, column) =>
      column === 0 ? text.padEnd(widths[column]!) : text.padStart(widths[column]!),
    );
    return `  ${cells.join('  ')}`;
  });
}

function range({ median, min, max }: Spread): string {
  return min === max
    ? significant(median)
    : `${significant(median)} (${significant(min)}–${significant(max)})`;
}

/** Three digits that matter. */
export function significant(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 6));
}

function megabytes(bytes: number): string {
  return bytes === 0 ? '–' : Math.round(bytes / 1e6).toString();
}

export function writeFile(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Runs one task of any kind with a session: the pure function behind every worker, thread or queue. */
import { createScratch, type KernelScratch } from '../kernel/match.ts';
import type { Session } from '../session.ts';
import { type CellResult, newPhases, type ScanSpec, type Task, type TaskResult } from '../task.ts';
import type { UserWatch } from '../user/watch.ts';
import { runCell } from './cell.ts';
import { type RunContext, timed } from './context.ts';
import { runEdges } from './edges.ts';
import { runGenerate } from './generate.ts';
import { runMargin } from './margin.ts';
import { runEmpty, runMerge } from './merge.ts';
import { runTable } from './table.ts';

/** What a worker keeps from task to task. */
export interface TaskHost {
  readonly session: Session;
  /** Bytes that typed arrays of one cell may take. */
  readonly arrayBytes: number;
  readonly scratch: KernelScratch;
  /** Folder for short-lived files. */
  readonly tempDir: string;
  /** Number of the worker; 0 is the main thread. */
  readonly worker: number;
}

export function createTaskHost(
  host: Pick<TaskHost, 'session' | 'arrayBytes' | 'tempDir' | 'worker'>,
): TaskHost {
  return { ...host, scratch: createScratch() };
}

/** Runs `task` to its end. Throws CrosshatchErrors; a task can be run twice with the same outcome. */
export async function runTask(
  host: TaskHost,
  task: Task,
  watch: UserWatch | null = null,
): Promise<TaskResult> {
  const scans = scansOf(task);
  const context: RunContext = {
    ...host,
    scans,
    computed: task.kind === 'cells' ? task.program.computed : [],
    slackArcsec: task.kind === 'cells' ? task.slackArcsec : 0,
    phases: newPhases(),
    innerMs: 0,
    droppedRows: 0,
    splits: 0,
    excursionArcsec: scans.map(() => 0),
    farPairs: 0,
    farthestArcsec: 0,
    userErrors: 0,
    firstUserError: null,
    watch,
    nextTable: 0,
  };
  host.session.onOpen?.((ms) => {
    context.phases.open += ms;
    context.innerMs += ms;
  });
  // Whatever no phase inside claims is `other`.
  const cells = await timed(context, 'other', () => runKind(context, task));
  return {
    id: task.id,
    cells,
    worker: host.worker,
    phases: context.phases,
    droppedRows: context.droppedRows,
    splits: context.splits,
    farPairs: context.farPairs,
    farthestArcsec: context.farthestArcsec,
    userErrors: context.userErrors,
    firstUserError: context.firstUserError,
  };
}

async function runKind(context: RunContext, task: Task): Promise<CellResult[]> {
  switch (task.kind) {
    case 'cells': {
      const results: CellResult[] = [];
      for (const cell of task.cells) {
        results.push(await runCell(context, task.program.root, cell, task.sink, task.limit));
      }
      return results;
    }
    case 'edges':
      return runEdges(context, task);
    case 'generate':
      return runGenerate(context, task);
    case 'margin':
      return runMargin(context, task);
    case 'table':
      return runTable(context, task);
    case 'empty':
      await runEmpty(context, task);
      return [];
    case 'merge':
      await runMerge(context, task);
      return [];
    default:
      throw new Error(`unknown task ${JSON.stringify(task satisfies never)}`);
  }
}

function scansOf(task: Task): readonly ScanSpec[] {
  if (task.kind === 'cells') return task.program.scans;
  return 'scan' in task ? [task.scan] : [];
}

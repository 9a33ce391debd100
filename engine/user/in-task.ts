/** Whether a task runs user code, and how long a row may take. */
import { nodesIn } from '../run/cell-nodes.ts';
import type { Task } from '../task.ts';

export interface UserLimits {
  /** Absent: rows may take for ever. */
  readonly rowTimeoutSeconds?: number;
}

/** Undefined where no code of the user's is run. */
export function userLimitsOf(task: Task): UserLimits | undefined {
  if (task.kind !== 'cells') return undefined;
  const code = nodesIn(task.program.root).filter(
    (node) => node.kind === 'user-rows' || node.kind === 'user-table',
  );
  if (code.length === 0) return undefined;
  const seconds = code.flatMap((node) =>
    node.kind === 'user-rows' ? (node.rowTimeoutSeconds ?? []) : [],
  );
  return seconds.length === 0 ? {} : { rowTimeoutSeconds: Math.min(...seconds) };
}

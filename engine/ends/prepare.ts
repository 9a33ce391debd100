/** From a plan to something that can run: rules, checked expressions, program. Refuses before data are read. */
import { requestError } from '../../partitioning/error.ts';
import { buildTree, within } from '../../partitioning/tree.ts';
import { planCells } from '../physical/cells.ts';
import { lower, type Program } from '../physical/lower.ts';
import { FIRST_ALLOWANCE, haloModes } from '../physical/run-program.ts';
import { mapInputs, type PlanNode, scansOf } from '../plan/node.ts';
import { optimise, type Step } from '../rules/optimise.ts';
import { PLACEMENT_SLACK_ARCSEC } from '../run/halo-window.ts';
import { checkRunSettings, type RunSettings, type Runtime } from '../runtime.ts';
import type { CellNode } from '../task.ts';
import { compileExpressions } from './compile.ts';
import { partitionBounds } from './statistics.ts';

export interface Prepared {
  readonly program: Program;
  /** The plan as written, and after each rule. */
  readonly steps: readonly Step[];
  readonly plan: PlanNode;
}

/** Rows below which threads are not worth starting. */
const SMALL_ROWS = 300_000;
/** Rows of a lone cell below which the main thread may be busy with it. */
const ONE_CELL_ROWS = 2_000_000;
/** Radius up to which a row meets a handful of others, in all but the densest clumps. */
const NARROW_ARCSEC = 60;

/**
 * Resolves, optimises and lowers `plan` for a sink that reads `wanted`.
 * Throws request errors for wrong expressions and for catalogs that cannot be matched.
 */
export async function prepare(
  plan: PlanNode,
  wanted: readonly string[],
  runtime: Runtime,
  settings: RunSettings,
): Promise<Prepared> {
  checkRunSettings(settings);
  checkFrames(plan, settings);
  checkOverlap(plan, settings);
  await compileExpressions(plan, runtime);
  const steps = optimise(plan, wanted, await partitionBounds(plan));
  const final = steps.at(-1)!.plan;
  const compiled = await compileExpressions(final, runtime);
  const program = lower(final, compiled, settings.dropInvalid === true);
  return { program, steps, plan: final };
}

/**
 * True where one thread does the whole in about the time that starting a pool takes, or where there is one cell.
 * The main thread cannot be interrupted inside a kernel: what a row may match must be few.
 */
export function isSmall(program: Program): boolean {
  if (!isNarrow(program.root)) return false;
  const modes = haloModes(program, FIRST_ALLOWANCE, '');
  const cells = planCells(program, modes, PLACEMENT_SLACK_ARCSEC);
  const rows = cells.reduce((sum, { weight }) => sum + weight, 0);
  return rows <= SMALL_ROWS || (cells.length === 1 && rows <= ONE_CELL_ROWS);
}

function isNarrow(cell: CellNode): boolean {
  switch (cell.kind) {
    case 'scan':
      return true;
    case 'match':
      return (
        cell.neighbors !== 'all' &&
        cell.radiusArcsec <= NARROW_ARCSEC &&
        isNarrow(cell.left) &&
        isNarrow(cell.right)
      );
    case 'filter':
    case 'region':
    case 'explode':
      return isNarrow(cell.input);
    case 'join':
      return isNarrow(cell.left) && isNarrow(cell.right);
    case 'nest':
      return isNarrow(cell.of);
    // Code of the user's may do anything: a thread can be ended, the program's own cannot.
    case 'user-rows':
    case 'user-table':
      return false;
    default:
      throw new Error(`unknown cell node ${JSON.stringify(cell satisfies never)}`);
  }
}

/** Positions in different frames cannot be compared; different epochs can, with care. */
function checkFrames(plan: PlanNode, settings: RunSettings): void {
  const [first, ...others] = scansOf(plan).map(({ catalog }) => catalog);
  for (const other of others) {
    if (frame(first!.frame) !== frame(other.frame)) {
      throw requestError(
        `${first!.name} is in the frame "${frame(first!.frame)}" and ${other.name} in "${frame(other.frame)}"`,
        'Convert one of them first: positions of different frames cannot be matched.',
      );
    }
    const epochs = [first!.epoch, other.epoch];
    if (epochs[0] !== undefined && epochs[1] !== undefined && epochs[0] !== epochs[1]) {
      settings.onWarning?.(
        `${first!.name} has epoch ${epochs[0]} and ${other.name} epoch ${epochs[1]}: positions are matched as they are`,
      );
    }
  }
}

/** A match of catalogs that lie apart has an answer, an empty one, but is rarely what was meant. */
function checkOverlap(plan: PlanNode, settings: RunSettings): void {
  const visit = (node: PlanNode): PlanNode => {
    if (node.kind === 'match') {
      const [left, right] = [node.left, node.right].map((side) => scansOf(side)[0]!.catalog);
      const tree = buildTree(right!.partitions.map(({ pixel }) => pixel));
      if (
        !left!.partitions.some(({ pixel }) => within(tree, pixel, node.radiusArcsec).length > 0)
      ) {
        settings.onWarning?.(
          `the catalogs do not overlap: no partition of ${left!.name} is within ${node.radiusArcsec}″ of one of ${right!.name}`,
        );
      }
    }
    return mapInputs(node, visit);
  };
  visit(plan);
}

function frame(name: string | undefined): string {
  const known = (name ?? 'equatorial').trim().toLowerCase();
  return known === 'icrs' || known === 'fk5' || known === '' ? 'equatorial' : known;
}

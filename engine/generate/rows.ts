/**
 * Makes the rows of one partition of a generated catalog: a pure function of the spec and the cell, so any
 * cells can be made in any order by any number of threads.
 *
 * Bit for bit the same on one JavaScript engine. Row counts and random numbers are plain arithmetic, but
 * positions and measurements use Math.asin, atan2, exp, log, log10, pow, sin and cos, whose last bit may differ
 * between versions of an engine.
 */
import { CrosshatchError } from '../../partitioning/error.ts';
import { pixelText } from '../../partitioning/pixel.ts';
import type { GeneratedRows } from './columns.ts';
import { CounterpartRule } from './counterpart.ts';
import { generateGaia } from './gaia.ts';
import { type GeneratePlan, starTreeOf } from './plan.ts';
import type { GenerateSpec } from './spec.ts';
import { generateZtf } from './ztf.ts';

/**
 * The rows of cell `cellIndex` of the plan, sorted by `_healpix_29`. Holds about 250 bytes per row.
 * @throws RangeError when the plan has no such cell; internal error when the plan is not of this spec
 */
export function generateCell(
  spec: GenerateSpec,
  plan: GeneratePlan,
  cellIndex: number,
): GeneratedRows {
  const cell = plan.cells[cellIndex];
  if (cell === undefined) {
    throw new RangeError(`cell ${cellIndex} is not one of the ${plan.cells.length} planned`);
  }
  const made = generatePixel(spec, cell.pixel);
  if (made.rows !== cell.rows) {
    const what = `planned ${cell.rows} rows but made ${made.rows}: the plan is of another spec`;
    throw new CrosshatchError({ tag: 'internal', what, where: pixelText(cell.pixel) });
  }
  return made;
}

function generatePixel(spec: GenerateSpec, pixel: GeneratePlan['cells'][number]['pixel']) {
  const tree = starTreeOf(spec);
  const { kind } = spec;
  switch (kind) {
    case 'gaia':
      return generateGaia(tree, pixel);
    case 'ztf': {
      const rule = new CounterpartRule(spec);
      const linked = spec.counterpartOf !== undefined;
      return generateZtf({ tree, rule, seed: spec.seed, linked }, pixel);
    }
    default: {
      const never: never = kind;
      throw new RangeError(`no catalog of kind ${never}`);
    }
  }
}

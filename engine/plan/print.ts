/** The plan as indented text, for `explain` and for people. */

import { pixelText } from '../../partitioning/pixel.ts';
import type { Region } from '../../partitioning/region.ts';
import { codeName } from '../user/code.ts';
import { type ComputedColumn, type JoinNode, neverKind, type PlanNode } from './node.ts';

/** One line per node, inputs indented below. */
export function printPlan(plan: PlanNode): string {
  return lines(plan, 0).join('\n');
}

function lines(plan: PlanNode, depth: number): string[] {
  const indent = '  '.repeat(depth);
  const below = (input: PlanNode) => lines(input, depth + 1);
  switch (plan.kind) {
    case 'scan':
      return [`${indent}scan ${plan.catalog.name}${scanDetails(plan)}`];
    case 'filter':
      return [`${indent}filter ${plan.expression.text}`, ...below(plan.input)];
    case 'select':
      return [`${indent}select ${plan.columns.join(', ')}`, ...below(plan.input)];
    case 'region':
      return [`${indent}region ${regionText(plan.region)}`, ...below(plan.input)];
    case 'limit':
      return [`${indent}limit ${plan.count}`, ...below(plan.input)];
    case 'compute':
      return [
        `${indent}compute ${plan.columns.map(computedText).join(', ')}`,
        ...below(plan.input),
      ];
    case 'explode': {
      const kept = plan.how === 'left' ? ', rows without elements kept' : '';
      return [`${indent}explode ${plan.column}${kept}`, ...below(plan.input)];
    }
    case 'join':
      return [`${indent}${joinText(plan)}`, ...below(plan.left), ...below(plan.right)];
    case 'nest': {
      const fields = plan.fields.map(({ name }) => name).join(', ');
      return [`${indent}nest as ${plan.column} (${fields})`, ...below(plan.of)];
    }
    case 'user-rows':
    case 'user-table': {
      const each = plan.kind === 'user-rows' ? 'row' : 'partition';
      const outputs =
        plan.outputs?.map(({ name }) => name).join(', ') ?? 'what the first rows show';
      return [
        `${indent}run ${codeName(plan.code)} on each ${each} → ${outputs || 'nothing'}`,
        ...below(plan.input),
      ];
    }
    case 'match': {
      const min = plan.minRadiusArcsec > 0 ? `, beyond ${plan.minRadiusArcsec}″` : '';
      const which = plan.neighbors === 'all' ? 'all' : `nearest ${plan.neighbors}`;
      return [
        `${indent}crossmatch (${plan.how}) ${which} within ${plan.radiusArcsec}″${min}`,
        ...below(plan.left),
        ...below(plan.right),
      ];
    }
    default:
      return neverKind(plan);
  }
}

function computedText(column: ComputedColumn): string {
  const { kind, name } = column;
  switch (kind) {
    case 'value':
      return `${name} = ${column.expression.text}`;
    case 'where':
      return `${name} where ${column.expression.text}`;
    case 'sort':
      return `${name} sorted by ${column.by}${column.descending ? ' descending' : ''}`;
    case 'fields':
      return `${name} of ${column.fields.join(', ')}`;
    case 'lists':
      return `${name} of the lists ${column.fields.map((field) => field.column).join(', ')}`;
    default:
      throw new Error(`unknown computed column ${JSON.stringify(column satisfies never)}`);
  }
}

function joinText({ how, leftOn, rightOn, withinArcsec, asof }: JoinNode): string {
  const on = leftOn.map((name, i) => `${name} = ${rightOn[i]}`);
  if (asof !== undefined) {
    const most = asof.tolerance === undefined ? '' : ` within ${asof.tolerance}`;
    on.push(`${asof.left} ~ ${asof.right} (${asof.direction}${most})`);
  }
  const within = withinArcsec === null ? '' : `, within ${withinArcsec}″`;
  return `join (${how}) on ${on.join(', ')}${within}`;
}

function scanDetails(plan: Extract<PlanNode, { kind: 'scan' }>): string {
  const parts = plan.partitions?.length ?? plan.catalog.partitions.length;
  const all = plan.catalog.partitions.length;
  const filters = plan.filters.map(({ text }) => `, where ${text}`).join('');
  const regions = plan.regions.map((region) => `, in ${regionText(region)}`).join('');
  const names = plan.columns.map((name) => {
    const fields = plan.fields?.[name];
    return fields === undefined ? name : `${name}(${fields.join(', ')})`;
  });
  const columns = names.length === 0 ? 'positions only' : names.join(', ');
  const near = (plan.near ?? [])
    .map(({ region, radiusArcsec }) => `, near (${radiusArcsec}″) ${regionText(region)}`)
    .join('');
  return ` [${parts} of ${all} partitions] columns: ${columns}${filters}${regions}${near}`;
}

/** A region in a few words. */
export function regionText(region: Region): string {
  switch (region.kind) {
    case 'cone':
      return `cone ${region.ra}°, ${region.dec}°, ${region.radiusArcsec}″`;
    case 'box':
      return `box RA ${region.ra.join('–')}°, Dec ${region.dec.join('–')}°`;
    case 'polygon':
      return `polygon of ${region.vertices.length} vertices`;
    case 'moc':
      return `MOC of ${region.ranges.length / 2} ranges`;
    case 'pixels':
      return `pixels ${region.pixels.slice(0, 5).map(pixelText).join(', ')}${region.pixels.length > 5 ? ', …' : ''}`;
    case 'orders':
      return `partitions of orders ${region.min}–${region.max}`;
    case 'and':
      return region.regions.map(regionText).join(' and ');
    default:
      throw new Error(`unknown region ${JSON.stringify(region satisfies never)}`);
  }
}

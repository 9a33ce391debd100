/** The plan as indented text, for `explain` and for people. */

import { pixelText } from '../../partitioning/pixel.ts';
import type { Region } from '../../partitioning/region.ts';
import { neverKind, type PlanNode } from './node.ts';

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

function scanDetails(plan: Extract<PlanNode, { kind: 'scan' }>): string {
  const parts = plan.partitions?.length ?? plan.catalog.partitions.length;
  const all = plan.catalog.partitions.length;
  const filters = plan.filters.map(({ text }) => `, where ${text}`).join('');
  const regions = plan.regions.map((region) => `, in ${regionText(region)}`).join('');
  const columns = plan.columns.length === 0 ? 'positions only' : plan.columns.join(', ');
  return ` [${parts} of ${all} partitions] columns: ${columns}${filters}${regions}`;
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

/** What identifies a request, for resuming it, and what its output says it was made from. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { provenanceProperties } from '../../catalogs/provenance.ts';
import { mapInputs, type PlanNode, scansOf } from '../plan/node.ts';
import { printPlan, regionText } from '../plan/print.ts';
import type { UserCode } from '../user/code.ts';
import type { WriteHatsOptions } from './write-options.ts';

/** The parts of a request that decide its output; memory and workers are not among them. */
export function planFacts(plan: PlanNode, options: WriteHatsOptions): Record<string, string> {
  const inputs = scansOf(plan).map(
    ({ catalog }) =>
      `${catalog.path} (${catalog.partitions.length} partitions, ` +
      `${catalog.partitions.reduce((sum, part) => sum + part.files.reduce((b, f) => b + f.bytes, 0), 0)} bytes)`,
  );
  return {
    plan: printPlan(plan),
    inputs: inputs.join('; '),
    'rows per partition': String(options.rowsPerPartition ?? 'default'),
    compression: `${options.compression ?? 'default'}:${options.compressionLevel ?? 'default'}`,
    'invalid rows': options.dropInvalid === true ? 'dropped' : 'refused',
  };
}

export function planDigest(plan: PlanNode, options: WriteHatsOptions): string {
  // The printed plan is for people: it shortens regions and leaves names out.
  const whole = JSON.stringify(plan, (key, value) => {
    if (key === 'catalog') return [value.path, value.properties];
    if (key === 'constants') return value.key;
    return key === 'code' ? [value, moduleText(value)] : value;
  });
  return createHash('sha256')
    .update(JSON.stringify([whole, planFacts(plan, options)]))
    .digest('hex')
    .slice(0, 16);
}

/** A changed module makes other rows. What it imports is not looked at. */
function moduleText(code: UserCode): string | null {
  if (code.kind !== 'module' || !code.url.startsWith('file:')) return null;
  try {
    return readFileSync(new URL(code.url), 'utf8');
  } catch {
    // Loading it will say what is wrong.
    return null;
  }
}

/** Properties that record inputs, version, radii and expressions. */
export function provenanceOf(plan: PlanNode): Record<string, string> {
  const expressions: string[] = [];
  const facts: Record<string, string | number> = {};
  const radii: number[] = [];
  const visit = (node: PlanNode): PlanNode => {
    mapInputs(node, visit);
    if (node.kind === 'filter') expressions.push(node.expression.text);
    if (node.kind === 'region') expressions.push(`in ${regionText(node.region)}`);
    if (node.kind === 'limit') facts['limit'] = node.count;
    if (node.kind === 'match') {
      radii.push(node.radiusArcsec);
      facts['neighbors'] = node.neighbors;
      facts['how'] = node.how;
      if (node.minRadiusArcsec > 0) facts['minRadiusArcsec'] = node.minRadiusArcsec;
    }
    return node;
  };
  visit(plan);
  return provenanceProperties({
    inputs: scansOf(plan).map(({ catalog }) => catalog.path),
    ...(radii.length === 0 ? {} : { radiusArcsec: Math.max(...radii) }),
    expressions,
    facts,
  });
}

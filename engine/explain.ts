/** What a run would do, without running it: as data, and as text. */

import { columnBytes, readFooter } from '../catalogs/parquet-footer.ts';
import { isRemote } from '../catalogs/path.ts';
import { DEFAULT_PRICES, PRICES_DATE } from '../catalogs/remote/prices.ts';
import { remoteSettings } from '../catalogs/remote/settings.ts';
import { storeFor } from '../catalogs/store.ts';
import type { CatalogInfo, Column } from '../catalogs/types.ts';
import type { Prepared } from './ends/prepare.ts';
import { type HaloMode, planCells } from './physical/cells.ts';
import type { ProgramScan } from './physical/lower-scan.ts';
import { FIRST_ALLOWANCE, haloModes } from './physical/run-program.ts';
import { printPlan } from './plan/print.ts';
import { PLACEMENT_SLACK_ARCSEC } from './run/halo-window.ts';
import {
  type CostDollars,
  dollarsOf,
  type FetchCost,
  fetchCosts,
  type ScanCost,
  secondsOf,
} from './supply/cost.ts';
import type { Sink } from './task.ts';

export interface ExplainedScan {
  readonly catalog: string;
  readonly path: string;
  /** Partitions that will be read, and all there are. */
  readonly partitions: number;
  readonly partitionsTotal: number;
  /** Estimated rows of those partitions. */
  readonly rows: number;
  /** Names; `lc.mag` where of a nested column only that field is read. */
  readonly columns: readonly string[];
  /** Compressed bytes of these columns in those partitions; estimated from one footer. */
  readonly bytes: number;
  /** What the run will fetch of a remote catalog; absent for local ones. */
  readonly fetch?: ScanCost;
  /** How rows around a cell's border are had: `margin`, `edges` (an extra pass), `files` or `none`. */
  readonly border: 'margin' | 'edges' | 'files' | 'none';
}

export interface Explanation {
  /** The plan as written. */
  readonly logical: string;
  /** The plan after each rule, where the rule changed it. */
  readonly rules: readonly { readonly rule: string; readonly plan: string }[];
  readonly scans: readonly ExplainedScan[];
  /** Cells of sky, each computed by one task or a part of one. */
  readonly cells: number;
  readonly estimatedRows: number;
  readonly outputColumns: readonly Column[];
  /** All that will be fetched, the time that takes at 1 Gbit/s, and what it costs who pays; absent for local runs. */
  readonly fetch?: FetchCost & { readonly seconds: number; readonly dollars: CostDollars };
}

/** Explains a prepared plan; reads at most one footer per catalog. */
export async function explain(
  prepared: Prepared,
  logical: string,
  outputColumns: readonly Column[],
  sink: Sink,
): Promise<Explanation> {
  const { program } = prepared;
  const costs = await fetchCosts(program, sink, FIRST_ALLOWANCE);
  const modes = haloModes(program, FIRST_ALLOWANCE, '');
  const cells = planCells(program, modes, PLACEMENT_SLACK_ARCSEC);
  const scans = await Promise.all(
    program.scans.map(async (scan, i) => {
      const files = new Set(cells.flatMap((cell) => cell.scans[i]!.own.flatMap((o) => o.files)));
      const explained = await explainScan(scan, borderOf(modes[i]!), files);
      return isRemote(scan.catalog.path) ? { ...explained, fetch: costs[i]! } : explained;
    }),
  );
  let before = logical;
  const rules = prepared.steps.flatMap(({ rule, plan }) => {
    const text = printPlan(plan);
    const changed = text !== before;
    before = text;
    return changed ? [{ rule, plan: text }] : [];
  });
  return {
    logical,
    rules,
    scans,
    cells: cells.length,
    estimatedRows: scans[0]!.rows,
    outputColumns,
    ...totalOf(costs),
  };
}

function totalOf(costs: readonly ScanCost[]): Pick<Explanation, 'fetch'> {
  const bytes = costs.reduce((sum, cost) => sum + cost.bytes, 0);
  const requests = costs.reduce((sum, cost) => sum + cost.requests, 0);
  if (requests === 0) return {};
  const cost = { bytes, requests };
  return { fetch: { ...cost, seconds: secondsOf(cost), dollars: dollarsOf(cost) } };
}

function borderOf({ kind }: HaloMode): ExplainedScan['border'] {
  return kind === 'curve' ? 'files' : kind;
}

async function explainScan(
  scan: ProgramScan,
  border: ExplainedScan['border'],
  files: ReadonlySet<string>,
): Promise<ExplainedScan> {
  const { catalog, reads } = scan;
  const read = catalog.partitions.filter((part) => part.files.some(({ path }) => files.has(path)));
  const fileBytes = read.reduce(
    (sum, part) => sum + part.files.reduce((bytes, file) => bytes + file.bytes, 0),
    0,
  );
  return {
    catalog: catalog.name,
    path: catalog.path,
    partitions: read.length,
    partitionsTotal: catalog.partitions.length,
    rows: Math.round(read.reduce((sum, part) => sum + part.rows, 0)),
    columns: reads,
    bytes: Math.round(fileBytes * (await columnShare(catalog, reads))),
    border,
  };
}

/** The columns' share of a file, from the footer of the catalog's largest one. */
async function columnShare(catalog: CatalogInfo, columns: readonly string[]): Promise<number> {
  const files = catalog.partitions.flatMap((part) => part.files);
  const largest = files.reduce((a, b) => (b.bytes > (a?.bytes ?? 0) ? b : a), files[0]);
  if (largest === undefined || largest.bytes === 0) return 0;
  const footer = await readFooter(largest.path, storeFor(largest.path));
  return columnBytes(footer, columns) / largest.bytes;
}

/** The explanation as text. */
export function explanationText(explanation: Explanation): string {
  const lines = ['plan', indent(explanation.logical)];
  for (const { rule, plan } of explanation.rules) lines.push(`after "${rule}"`, indent(plan));
  for (const scan of explanation.scans) {
    lines.push(
      `read ${scan.catalog}: ${scan.partitions} of ${scan.partitionsTotal} partitions, about ${scan.rows} rows, ` +
        `${scan.columns.length} columns (${scan.columns.join(', ')}), about ${megabytes(scan.bytes)}`,
    );
    if (scan.fetch !== undefined) {
      const { bytes, requests, exact } = scan.fetch;
      lines.push(
        indent(`fetches ${exact ? '' : 'up to '}${megabytes(bytes)} in ${requests} requests`),
      );
    }
    if (scan.border !== 'none') lines.push(indent(BORDERS[scan.border]));
  }
  lines.push(
    `${explanation.cells} ${explanation.cells === 1 ? 'cell' : 'cells'} of sky, at most about ${explanation.estimatedRows} rows on the left`,
  );
  if (explanation.fetch !== undefined) lines.push(...fetchLines(explanation.fetch));
  return lines.join('\n');
}

function fetchLines({ bytes, requests, seconds, dollars }: NonNullable<Explanation['fetch']>) {
  const { sameRegion, otherRegion, outOfCloud } = dollars;
  const cents = (amount: number) => `$${amount.toFixed(4)}`;
  return [
    `fetches ${megabytes(bytes)} in ${requests} requests in all: ${seconds.toFixed(1)} s at 1 Gbit/s, less what is in the spool`,
    `costs who pays for S3 ${cents(sameRegion)} in its region, ${cents(otherRegion)} from another, ${cents(outOfCloud)} from outside, ` +
      priceNote(),
  ];
}

function priceNote(): string {
  return remoteSettings().prices === DEFAULT_PRICES
    ? `at prices of us-east-1 as known in ${PRICES_DATE}, not looked up since`
    : 'at the prices given';
}

const BORDERS = {
  margin: 'rows beside a cell come from the margin catalog',
  edges:
    'no margin catalog is wide enough: an edge pass copies the rows near partition borders first',
  files: 'the radius is large against the partitions: neighbouring partitions are read whole',
} as const;

function indent(text: string): string {
  return text.replace(/^/gm, '  ');
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

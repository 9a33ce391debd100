/** What a run would do, without running it: as data, and as text. */

import { columnBytes, readFooter } from '../catalogs/parquet-footer.ts';
import { storeFor } from '../catalogs/store.ts';
import type { CatalogInfo, Column } from '../catalogs/types.ts';
import type { Prepared } from './ends/prepare.ts';
import { planCells } from './physical/cells.ts';
import type { ProgramScan } from './physical/lower.ts';
import { FIRST_ALLOWANCE, haloModes } from './physical/run-program.ts';
import { printPlan } from './plan/print.ts';
import { PLACEMENT_SLACK_ARCSEC } from './run/halo-window.ts';

export interface ExplainedScan {
  readonly catalog: string;
  readonly path: string;
  /** Partitions that will be read, and all there are. */
  readonly partitions: number;
  readonly partitionsTotal: number;
  /** Estimated rows of those partitions. */
  readonly rows: number;
  readonly columns: readonly string[];
  /** Compressed bytes of these columns in those partitions; estimated from one footer. */
  readonly bytes: number;
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
}

/** Explains a prepared plan; reads at most one footer per catalog. */
export async function explain(
  prepared: Prepared,
  logical: string,
  outputColumns: readonly Column[],
): Promise<Explanation> {
  const { program } = prepared;
  const modes = haloModes(program, FIRST_ALLOWANCE, '');
  const cells = planCells(program, modes, PLACEMENT_SLACK_ARCSEC);
  const scans = await Promise.all(
    program.scans.map((scan, i) => {
      const files = new Set(cells.flatMap((cell) => cell.scans[i]!.own.flatMap((o) => o.files)));
      return explainScan(scan, modes[i]!.kind, files);
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
  };
}

async function explainScan(
  scan: ProgramScan,
  border: ExplainedScan['border'],
  files: ReadonlySet<string>,
): Promise<ExplainedScan> {
  const { catalog } = scan;
  const columns = scan.spec.columns.map(({ name }) => name);
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
    columns,
    bytes: Math.round(fileBytes * (await columnShare(catalog, columns))),
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
    if (scan.border !== 'none') lines.push(indent(BORDERS[scan.border]));
  }
  lines.push(
    `${explanation.cells} ${explanation.cells === 1 ? 'cell' : 'cells'} of sky, at most about ${explanation.estimatedRows} rows on the left`,
  );
  return lines.join('\n');
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

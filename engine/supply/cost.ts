/** What a run will fetch, and what that may cost: said before it runs, and watched while it does. */
import {
  type Footer,
  parseFooter,
  readFooterBytes,
  TAIL_BYTES,
} from '../../catalogs/parquet-footer.ts';
import { metadataLength } from '../../catalogs/parquet-footer-parts.ts';
import { isRemote } from '../../catalogs/path.ts';
import { remoteSettings } from '../../catalogs/remote/settings.ts';
import { mergedRanges } from '../../catalogs/spool/chunks.ts';
import { tailBytesFor } from '../../catalogs/spool/remote-file.ts';
import { storeFor } from '../../catalogs/store.ts';
import { CrosshatchError, requestError } from '../../partitioning/error.ts';
import { type PlannedCell, planCells } from '../physical/cells.ts';
import type { Program } from '../physical/lower.ts';
import { type Allowance, haloModes } from '../physical/run-program.ts';
import type { RunSettings } from '../runtime.ts';
import type { CellsTask, Sink, Task } from '../task.ts';
import { groupChoice } from './groups.ts';
import { chosenLeaves, needsOf } from './needs.ts';

/** Line speed that times are told for. */
const BITS_PER_SECOND = 1e9;

export interface FetchCost {
  readonly bytes: number;
  readonly requests: number;
}

/** Fetching of one scan of a program. */
export interface ScanCost extends FetchCost {
  /** False where the run may end before it has read all of this: then it is an upper bound. */
  readonly exact: boolean;
}

export interface CostDollars {
  readonly sameRegion: number;
  readonly otherRegion: number;
  readonly outOfCloud: number;
}

/** What so much costs who pays for it: the bucket's owner, or whoever asks where the bucket says so. */
export function dollarsOf({ bytes, requests }: FetchCost): CostDollars {
  const { perThousandRequests, sameRegion, otherRegion, outOfCloud } = remoteSettings().prices;
  const asked = (requests / 1000) * perThousandRequests;
  const at = (price: number) => asked + (bytes / 1e9) * price;
  return { sameRegion: at(sameRegion), otherRegion: at(otherRegion), outOfCloud: at(outOfCloud) };
}

export function secondsOf({ bytes }: FetchCost): number {
  return (bytes * 8) / BITS_PER_SECOND;
}

/** Footers looked at per scan; a catalog with more files is estimated from so many of them. */
const MAX_FOOTERS = 64;

/** What running `program` into `sink` will fetch for each of its scans; zero for local ones. */
export async function fetchCosts(
  program: Program,
  sink: Sink,
  allowance: Allowance,
): Promise<ScanCost[]> {
  if (!program.scans.some(({ catalog }) => isRemote(catalog.path))) {
    return program.scans.map(() => ({ bytes: 0, requests: 0, exact: true }));
  }
  const modes = haloModes(program, allowance, '');
  const cells = planCells(program, modes, allowance.slackArcsec);
  return Promise.all(
    program.scans.map(async (scan, i): Promise<ScanCost> => {
      const needs = new Map<string, Set<string>>();
      for (const { url, columns } of taskNeeds(program, cells, sink, i)) {
        const known = needs.get(url) ?? new Set<string>();
        for (const column of columns) known.add(column);
        needs.set(url, known);
      }
      const all = scan.spec.columns.map(({ name }) => name);
      for (const url of edgeSources(cells, i)) {
        needs.set(url, new Set([...(needs.get(url) ?? []), ...all]));
      }
      const cost = await sumOf(needs, scan.spec);
      return { ...cost, exact: program.limit === undefined };
    }),
  );
}

/** Files that an edge pass reads: of them it copies everything that the plan can need. */
function edgeSources(cells: readonly PlannedCell[], scan: number): string[] {
  return cells.flatMap(({ scans }) => {
    const { halo } = scans[scan]!;
    return halo.kind === 'edges' ? halo.parts.flatMap(({ sources }) => sources) : [];
  });
}

function taskNeeds(program: Program, cells: readonly PlannedCell[], sink: Sink, scan: number) {
  const task: CellsTask = {
    kind: 'cells',
    id: 0,
    program: {
      root: program.root,
      computed: program.computed,
      scans: program.scans.map(({ spec }) => spec),
    },
    cells,
    sink,
    slackArcsec: 0,
  };
  return needsOf(task as Task, 'needed').filter((need) => need.scan === scan);
}

async function sumOf(
  needs: ReadonlyMap<string, ReadonlySet<string>>,
  spec: CellsTask['program']['scans'][number],
): Promise<FetchCost> {
  const urls = [...needs.keys()];
  const step = Math.max(1, urls.length / MAX_FOOTERS);
  const looked = Array.from({ length: Math.min(urls.length, MAX_FOOTERS) }, (_, i) =>
    Math.floor(i * step),
  );
  const choose = groupChoice(spec);
  let bytes = 0;
  let requests = 0;
  let longest = 0;
  const sizes = await Promise.all(
    looked.map(async (at) => {
      const url = urls[at]!;
      const tail = await readFooterBytes(url, storeFor(url));
      longest = Math.max(longest, metadataLength(tail.bytes) + 8);
      const footer = await parseFooter(tail.bytes, url);
      const ranges = rangesOf(footer, choose(footer), needs.get(url)!);
      bytes += ranges.reduce((sum, { start, end }) => sum + end - start, 0);
      requests += ranges.length;
      return tail.stat.size;
    }),
  );
  const scale = looked.length === 0 ? 0 : urls.length / looked.length;
  // One more request per file for its footer.
  return {
    bytes: Math.round(bytes * scale) + footerBytes(sizes, longest, urls.length),
    requests: Math.round(requests * scale) + urls.length,
  };
}

/**
 * What the footers of `files` files come to.
 * @param sizes of the files that were looked at; the others are taken to be like them
 */
function footerBytes(sizes: readonly number[], longest: number, files: number): number {
  // Which of them is read first is up to the tasks: the largest is the dearest.
  const [first, ...others] = sizes.toSorted((a, b) => b - a);
  if (first === undefined) return 0;
  // The first one does not know how long it is, and none is read beyond the start of its file.
  const head = Math.min(first, Math.max(TAIL_BYTES, longest));
  const tails = others.reduce((sum, size) => sum + Math.min(size, tailBytesFor(longest)), 0);
  return head + (others.length === 0 ? 0 : Math.round((tails * (files - 1)) / others.length));
}

function rangesOf(footer: Footer, groups: readonly number[], columns: ReadonlySet<string>) {
  return mergedRanges(
    groups.flatMap((group) =>
      chosenLeaves(footer, columns).map((leaf) => footer.rowGroups[group]!.columns[leaf]!),
    ),
  );
}

/** Refuses a run that would fetch more than its settings allow. */
export async function checkBudget(
  program: Program,
  sink: Sink,
  allowance: Allowance,
  settings: RunSettings,
): Promise<void> {
  const { maxBytes, maxCostDollars } = settings;
  if (maxBytes === undefined && maxCostDollars === undefined) return;
  const costs = await fetchCosts(program, sink, allowance);
  const bytes = costs.reduce((sum, cost) => sum + cost.bytes, 0);
  const requests = costs.reduce((sum, cost) => sum + cost.requests, 0);
  const isBound = costs.some(({ exact }) => !exact);
  const problem = overBudget({ bytes, requests }, settings);
  if (problem === null) return;
  throw requestError(
    `the run would fetch ${isBound ? 'up to ' : ''}${problem}`,
    'Ask for fewer columns or a smaller region, or allow more.',
  );
}

/** What is too much about a cost; null for nothing. */
function overBudget(cost: FetchCost, { maxBytes, maxCostDollars }: RunSettings): string | null {
  if (maxBytes !== undefined && cost.bytes > maxBytes) {
    return `${megabytes(cost.bytes)}, more than the ${megabytes(maxBytes)} allowed`;
  }
  const dollars = priceHere(cost);
  if (maxCostDollars !== undefined && dollars > maxCostDollars) {
    return `${megabytes(cost.bytes)} for $${dollars.toFixed(4)}, more than the $${maxCostDollars} allowed`;
  }
  return null;
}

/** Without knowing better, the run is outside the cloud: the dearest place. */
function priceHere(cost: FetchCost): number {
  const inCloud = (process.env['AWS_EXECUTION_ENV'] ?? '') !== '';
  const dollars = dollarsOf(cost);
  return inCloud ? dollars.otherRegion : dollars.outOfCloud;
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** Ends a run as soon as the next fetch would pass what is allowed. */
export function budgetWatch(
  settings: RunSettings,
): ((bytes: number, requests: number) => void) | undefined {
  if (settings.maxBytes === undefined && settings.maxCostDollars === undefined) return undefined;
  let bytes = 0;
  let requests = 0;
  return (more, asked) => {
    bytes += more;
    requests += asked;
    const problem = overBudget({ bytes, requests }, settings);
    if (problem === null) return;
    throw new CrosshatchError({
      tag: 'storage',
      what: `the run was ended: it needs ${problem}`,
      hint: 'What was fetched is in the spool. Allow more, or ask for less.',
    });
  };
}

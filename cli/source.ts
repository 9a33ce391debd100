/** Opens the catalogs that a command names. */
import type { Catalog, OpenCatalogOptions } from '../index.ts';
import { requestError } from '../partitioning/error.ts';
import type { Region } from '../partitioning/region.ts';
import type { RegionFlags, SourceFlags } from './flags.ts';

export interface SourceOptions extends SourceFlags {
  /** Margin catalog to use, or `none`; default: the collection's own. */
  readonly margin?: string;
  readonly regions?: readonly Region[];
}

/** The catalog at `path`, filtered, cut to its regions and narrowed to the columns asked for. */
export async function openSource(path: string, options: SourceOptions): Promise<Catalog> {
  const { where, columns, margin, pathTemplate, regions = [] } = options;
  const { openCatalog } = await import('../index.ts');
  // A filter may name columns that are not shown, so columns are narrowed after it.
  const needsAll = where !== undefined || columns !== undefined;
  const how: OpenCatalogOptions = { margin, pathTemplate };
  let catalog = await openCatalog(path, needsAll ? { ...how, columns: 'all' } : how);
  for (const region of regions) catalog = catalog.search(region);
  if (where !== undefined) catalog = catalog.query(where);
  const shown = columns ?? (needsAll ? defaultColumns(catalog) : undefined);
  return shown === undefined || isAll(shown) ? catalog : catalog.select(shown);
}

function isAll(columns: readonly string[]): boolean {
  return columns.length === 1 && columns[0] === 'all';
}

/** What the catalog would have shown without being asked, in that order; `undefined` for all. */
function defaultColumns(catalog: Catalog): string[] | undefined {
  const { defaultColumns: defaults, columns, raColumn, decColumn, healpix } = catalog.describe();
  if (defaults === undefined) return undefined;
  const known = new Set(columns.map(({ name }) => name));
  const shown = new Set([...defaults, raColumn, decColumn, healpix?.name]);
  return [...shown].filter((name) => name !== undefined && known.has(name)) as string[];
}

/** The parts of the sky that the flags name. */
export async function regionsOf(flags: RegionFlags): Promise<Region[]> {
  const { cone, box, polygon, moc } = flags;
  const regions: Region[] = [];
  if (cone !== undefined) regions.push({ kind: 'cone', ...cone });
  if (box !== undefined) regions.push({ kind: 'box', ...box });
  if (polygon !== undefined) regions.push({ kind: 'polygon', vertices: polygon });
  if (moc !== undefined) regions.push(await mocRegion(moc));
  return regions;
}

async function mocRegion(file: string): Promise<Region> {
  const { readMocFile } = await import('../catalogs/moc-file.ts');
  const { rangesToText } = await import('../partitioning/ranges.ts');
  try {
    return { kind: 'moc', ranges: rangesToText(await readMocFile(file)) };
  } catch (error) {
    // The file is part of the request: nothing has been done yet.
    throw requestError(`--moc: ${error instanceof Error ? error.message : String(error)}`);
  }
}

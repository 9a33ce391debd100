/** Opens a catalog as the start of a query. */
import { openCatalogInfo } from '../catalogs/open.ts';
import type { CatalogReference } from '../catalogs/reference.ts';
import { type CatalogInfo, OPEN_OPTIONS, type OpenOptions } from '../catalogs/types.ts';
import { requestError } from '../partitioning/error.ts';
import { checkOptions, type OptionNames } from '../partitioning/options.ts';
import type { Region } from '../partitioning/region.ts';
import { Catalog } from './catalog.ts';
import { isReserved } from './expression/names.ts';
import { node } from './plan/node.ts';
import { resolveNames } from './plan/select-names.ts';
import type { Runtime } from './runtime.ts';

export interface OpenCatalogOptions extends OpenOptions {
  /** Columns to offer; default: the catalog's default columns, or all; `'all'`: all. */
  readonly columns?: readonly string[] | 'all';
  /** Same as calling `query` on the result. */
  readonly where?: string;
  /** Same as calling `search` on the result. */
  readonly region?: Region;
}

const KNOWN: OptionNames<OpenCatalogOptions> = {
  columns: true,
  where: true,
  region: true,
  ...OPEN_OPTIONS,
};

/** Reads the metadata of the HATS catalog or collection at a path, or known by name or by its places. */
export async function openCatalog(
  path: string | CatalogReference,
  runtime: Runtime,
  options: OpenCatalogOptions = {},
): Promise<Catalog> {
  checkOptions('openCatalog', options, KNOWN);
  const info = await openCatalogInfo(path, options);
  return catalogOf(info, runtime, options);
}

/** The query that a catalog's metadata start. */
export function catalogOf(
  info: CatalogInfo,
  runtime: Runtime,
  options: OpenCatalogOptions = {},
): Catalog {
  const positioned = info.raColumn !== undefined && info.decColumn !== undefined;
  if (!positioned && info.type !== 'association' && info.type !== 'map') {
    throw requestError(
      `${info.name} is a table of type ${info.type} without positions: it cannot be queried as a catalog`,
      undefined,
      info.path,
    );
  }
  const reserved = info.columns.find(({ name }) => name === '' || isReserved(name));
  if (reserved !== undefined) {
    throw requestError(
      `column "${reserved.name}" of ${info.name} has a name that the database keeps for itself`,
      'Rename it in the catalog first.',
      info.path,
    );
  }
  const scan = node({
    kind: 'scan',
    catalog: info,
    columns: columnNames(info, options.columns),
    filters: [],
    regions: [],
  });
  let catalog = new Catalog(scan, runtime);
  if (options.where !== undefined) catalog = catalog.query(options.where);
  return options.region === undefined ? catalog : catalog.search(options.region);
}

function columnNames(info: CatalogInfo, asked: OpenCatalogOptions['columns']): readonly string[] {
  if (asked !== undefined && asked !== 'all') {
    return resolveNames(asked, info.columns, `in ${info.name}`);
  }
  if (asked === 'all' || info.defaultColumns === undefined) {
    return info.columns.map(({ name }) => name);
  }
  // A default list leaves position and index out; they are always there, as LSDB has it.
  const position = [info.raColumn, info.decColumn, info.healpix?.name];
  const known = new Set(info.columns.map(({ name }) => name));
  const wanted = new Set([...info.defaultColumns.filter((name) => known.has(name)), ...position]);
  return [...wanted].filter((name) => name !== undefined);
}

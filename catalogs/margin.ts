/** Margin catalogs: opening one for a main catalog, and checking that it belongs to it. */
import { requestError } from '../partitioning/error.ts';
import { findCatalog } from './locate.ts';
import { isHiveColumn } from './schema-file.ts';
import type { Store } from './store.ts';
import { openTable } from './table.ts';
import type { CatalogInfo, Column, Margin, OpenOptions } from './types.ts';

const HINT = "choose another margin, or open the catalog with margin 'none': results are the same";

/**
 * Opens the margin catalog in `directory` for `main`.
 * @throws the `request` error when there is none, or when its columns do not match those of `main`
 */
export async function openMargin(
  directory: string,
  main: CatalogInfo,
  options: OpenOptions,
  store: Store,
): Promise<Margin> {
  return marginOf(await openMarginTable(directory, options, store), main);
}

/** Opens a margin catalog by itself; {@link marginOf} checks that it belongs to a catalog. */
export async function openMarginTable(
  directory: string,
  options: OpenOptions,
  store: Store,
): Promise<CatalogInfo> {
  const located = await findCatalog(directory, store);
  if (located === undefined) throw requestError(`no margin catalog at ${directory}`, HINT);
  if (located.kind === 'collection') {
    throw requestError(`${directory} is a collection, not a margin catalog`, HINT);
  }
  const catalog = await openTable(located, { pathTemplate: options.pathTemplate }, store);
  if (catalog.type !== 'margin') {
    throw requestError(`${directory} is a catalog of type ${catalog.type}, not a margin`, HINT);
  }
  return catalog;
}

/** `catalog` as the margin of `main`. Throws the `request` error when its columns do not match. */
export function marginOf(catalog: CatalogInfo, main: CatalogInfo): Margin {
  checkBelongs(catalog, main);
  return { name: catalog.name, thresholdArcsec: catalog.marginThresholdArcsec!, catalog };
}

function checkBelongs(margin: CatalogInfo, main: CatalogInfo): void {
  const problem =
    differentName('right ascension', margin.raColumn, main.raColumn) ??
    differentName('declination', margin.decColumn, main.decColumn) ??
    differentColumns(margin, main) ??
    differentIndex(margin, main);
  if (problem === undefined) return;
  throw requestError(
    `the margin ${margin.name} does not fit ${main.name}: ${problem}`,
    HINT,
    margin.path,
  );
}

/** A margin need not name its position columns; where it does, they are those of the main catalog. */
function differentName(what: string, margin?: string, main?: string): string | undefined {
  if (margin === undefined || margin === main) return undefined;
  return `its ${what} is ${margin}, not ${main}`;
}

/** Columns are read by name, so their order does not matter; hive columns differ by design. */
function differentColumns(margin: CatalogInfo, main: CatalogInfo): string | undefined {
  const marginTypes = typesOf(margin.columns);
  const mainTypes = typesOf(main.columns);
  for (const [name, type] of mainTypes) {
    const found = marginTypes.get(name);
    if (found === undefined) return `it lacks the column ${name}`;
    if (found !== type) return `its column ${name} is ${found}, not ${type}`;
  }
  for (const name of marginTypes.keys()) {
    if (!mainTypes.has(name)) return `it has a column ${name} more`;
  }
  return undefined;
}

function differentIndex(margin: CatalogInfo, main: CatalogInfo): string | undefined {
  if (margin.healpix === undefined || main.healpix === undefined) return undefined;
  const [a, b] = [margin.healpix, main.healpix];
  if (a.name === b.name && a.order === b.order) return undefined;
  return `its spatial index is ${a.name} of order ${a.order}, not ${b.name} of order ${b.order}`;
}

function typesOf(columns: readonly Column[]): Map<string, string> {
  return new Map(
    columns.filter(({ name }) => !isHiveColumn(name)).map(({ name, type }) => [name, type]),
  );
}

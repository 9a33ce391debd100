/** Bounds of the columns that a plan filters by, from the catalogs' `_metadata` files. */
import { decodedPath } from '../../catalogs/leaf-files.ts';
import { readMetadataBounds } from '../../catalogs/metadata-statistics.ts';
import { joinPath } from '../../catalogs/path.ts';
import { storeFor } from '../../catalogs/store.ts';
import type { CatalogInfo } from '../../catalogs/types.ts';
import { mapInputs, type PlanNode, scansOf } from '../plan/node.ts';
import type { PartitionBounds } from '../rules/prune-by-statistics.ts';

/** A larger `_metadata` takes longer to walk through than it can save. */
const MAX_METADATA_BYTES = 64 * 2 ** 20;
/** Types whose statistics compare as the numbers they are. */
const COMPARABLE = /^(TINYINT|SMALLINT|INTEGER|BIGINT|FLOAT|DOUBLE)$/;

type CatalogBounds = ReadonlyMap<
  string,
  ReadonlyMap<string, { min: number | bigint; max: number | bigint }>
>;

/** Reads what the filters of `plan` can use; a look-up that knows nothing where there are none. */
export async function partitionBounds(plan: PlanNode): Promise<PartitionBounds> {
  const filtered = hasFilter(plan);
  const known = new Map<CatalogInfo, CatalogBounds>();
  if (filtered) {
    for (const { catalog } of scansOf(plan)) {
      if (!known.has(catalog)) known.set(catalog, await readBounds(catalog));
    }
  }
  return (catalog, partition, column) => {
    const { files, rowsExact } = catalog.partitions[partition]!;
    // Metadata that do not fit the file are old: nothing they say counts.
    if (files.length !== 1 || !rowsExact) return undefined;
    return known.get(catalog)?.get(files[0]!.path)?.get(column);
  };
}

async function readBounds(catalog: CatalogInfo): Promise<CatalogBounds> {
  const dataset = joinPath(catalog.path, 'dataset');
  const path = joinPath(dataset, '_metadata');
  const store = storeFor(path);
  const found = await store.stat(path);
  if (found === undefined || found.size > MAX_METADATA_BYTES) return new Map();
  const columns = catalog.columns.filter(({ type }) => COMPARABLE.test(type));
  try {
    const bounds = readMetadataBounds(
      await store.readAll(path),
      new Set(columns.map(({ name }) => name)),
    );
    return new Map([...bounds].map(([file, of]) => [joinPath(dataset, decodedPath(file)), of]));
  } catch {
    // A hint only: the files themselves are read whatever it says.
    return new Map();
  }
}

function hasFilter(plan: PlanNode): boolean {
  let found = false;
  const visit = (node: PlanNode): PlanNode => {
    if (node.kind === 'filter' || (node.kind === 'scan' && node.filters.length > 0)) found = true;
    return mapInputs(node, visit);
  };
  visit(plan);
  return found;
}

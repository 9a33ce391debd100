/** What there is to say about a catalog, as plain data for printing. */
import { resolveReference } from './path.ts';
import type { CatalogInfo, CatalogType, ChosenPlace, Column, HealpixColumn } from './types.ts';

export interface CatalogDescription {
  readonly name: string;
  readonly type: CatalogType;
  readonly path: string;
  readonly collection?: string;
  readonly rows: number;
  /** False where the rows are an estimate. */
  readonly rowsExact: boolean;
  readonly partitions: number;
  readonly files: number;
  readonly bytes: number;
  /** Partitions at each HEALPix order in use. */
  readonly orders: readonly { readonly order: number; readonly partitions: number }[];
  /** Area of the partitions over that of the sphere. */
  readonly skyFraction: number;
  readonly raColumn?: string;
  readonly decColumn?: string;
  readonly healpix?: HealpixColumn;
  readonly columns: readonly Column[];
  readonly defaultColumns?: readonly string[];
  readonly margins: readonly {
    readonly name: string;
    readonly thresholdArcsec?: number;
    readonly inUse: boolean;
  }[];
  readonly marginThresholdArcsec?: number;
  readonly indexes: Readonly<Record<string, string>>;
  readonly frame?: string;
  readonly epoch?: string;
  /** Which of several places is used, and why. */
  readonly place?: ChosenPlace;
}

export function describeCatalog(info: CatalogInfo): CatalogDescription {
  const { partitions } = info;
  const files = partitions.flatMap((partition) => partition.files);
  const perOrder = new Map<number, number>();
  let area = 0;
  for (const { pixel } of partitions) {
    perOrder.set(pixel.order, (perOrder.get(pixel.order) ?? 0) + 1);
    area += 1 / (12 * 4 ** pixel.order);
  }
  return {
    name: info.name,
    type: info.type,
    path: info.path,
    collection: info.collectionPath,
    ...rowsOf(info),
    partitions: partitions.length,
    files: files.length,
    bytes: files.reduce((sum, file) => sum + file.bytes, 0),
    orders: [...perOrder]
      .sort(([a], [b]) => a - b)
      .map(([order, count]) => ({ order, partitions: count })),
    skyFraction: area,
    raColumn: info.raColumn,
    decColumn: info.decColumn,
    healpix: info.healpix,
    columns: info.columns,
    defaultColumns: info.defaultColumns,
    margins: marginsOf(info),
    marginThresholdArcsec: info.marginThresholdArcsec,
    indexes: info.indexes,
    frame: info.frame,
    epoch: info.epoch,
    place: info.place,
  };
}

/** Counted rows where every partition was counted; else `hats_nrows`, which may be out of date. */
function rowsOf(info: CatalogInfo): { rows: number; rowsExact: boolean } {
  const counted = info.partitions.reduce((sum, partition) => sum + partition.rows, 0);
  const rowsExact = info.partitions.every((partition) => partition.rowsExact);
  return { rows: rowsExact ? counted : (info.totalRows ?? counted), rowsExact };
}

function marginsOf(info: CatalogInfo): CatalogDescription['margins'] {
  const { margin, collectionPath } = info;
  const pathInUse = margin?.catalog.path;
  const listed = info.marginsAvailable.map((available) => ({
    ...available,
    inUse: resolveReference(collectionPath ?? info.path, available.name) === pathInUse,
  }));
  if (margin === undefined || listed.some((entry) => entry.inUse)) return listed;
  return [...listed, { name: margin.name, thresholdArcsec: margin.thresholdArcsec, inUse: true }];
}

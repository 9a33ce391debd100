/** Catalogs made for a test, complete or not. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeMergedMetadata } from '../../catalogs/merged-metadata.ts';
import { openCatalogInfo } from '../../catalogs/open.ts';
import { formatProperties, type PropertyValue } from '../../catalogs/properties.ts';
import type { CatalogInfo, OpenOptions } from '../../catalogs/types.ts';
import {
  COLUMNS,
  leafOf,
  PARTITIONS,
  query,
  temporaryFolder,
  writeLeaves,
} from './leaf-fixture.ts';

/** Rows of the fixture's partitions in NESTED order, and their sum. */
export const ROWS = [2500, 1, 300, 5];
export const TOTAL_ROWS = 2806;

/** Properties that make a folder a catalog of the fixture's partitions. */
export const OBJECT: Record<string, PropertyValue> = {
  obs_collection: 'cat',
  dataproduct_type: 'object',
  hats_nrows: TOTAL_ROWS,
  hats_col_ra: 'ra',
  hats_col_dec: 'dec',
};

/** A partition list in the order of the fixture, which is not the NESTED one. */
export const PARTITION_LIST = [
  'Norder,Npix',
  ...PARTITIONS.map(({ pixel }) => `${pixel.order},${pixel.pixel}`),
  '',
].join('\n');

/** A folder in which a test builds a catalog. */
export class CatalogFixture {
  readonly dir: string;
  readonly remove: () => Promise<void>;

  private constructor(dir: string, remove: () => Promise<void>) {
    this.dir = dir;
    this.remove = remove;
  }

  static async create(): Promise<CatalogFixture> {
    const { dir, remove } = await temporaryFolder();
    return new CatalogFixture(dir, remove);
  }

  path(...parts: string[]): string {
    return path.join(this.dir, ...parts);
  }

  open(options?: OpenOptions): Promise<CatalogInfo> {
    return openCatalogInfo(this.dir, options);
  }

  async properties(
    changes: Record<string, PropertyValue> = {},
    name = 'hats.properties',
  ): Promise<void> {
    await writeFile(this.path(name), formatProperties({ ...OBJECT, ...changes }));
  }

  /** All leaf files, a partition list and properties, but no metadata files. */
  async catalog(changes: Record<string, PropertyValue> = {}): Promise<void> {
    await writeLeaves(this.dir);
    await writeFile(this.path('partition_info.csv'), PARTITION_LIST);
    await this.properties(changes);
  }

  /** `_metadata` and `_common_metadata` of the leaf files, whose paths are changed by `rename`. */
  async metadata(rename = (file: string) => file): Promise<void> {
    await writeMergedMetadata({
      datasetDir: this.path('dataset'),
      leaves: PARTITIONS.map(leafOf).map((leaf) => ({ ...leaf, path: rename(leaf.path) })),
      columns: COLUMNS,
      createdBy: 'test',
    });
  }

  /** A `_common_metadata` with the columns of a SELECT. */
  async schema(select: string): Promise<void> {
    await mkdir(this.path('dataset'), { recursive: true });
    const file = this.path('dataset', '_common_metadata');
    await query(`COPY (${select} LIMIT 0) TO '${file}' (FORMAT parquet)`);
  }
}

/** Catalogs that the program itself does not write: associations, maps, leaves that differ. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { formatProperties, type PropertyValue } from '../../catalogs/properties.ts';
import { openTestSession } from '../engine/duckdb-for-tests.ts';

export interface PlainPartition {
  readonly order: number;
  readonly pixel: number;
  /** SELECT that gives its rows. */
  readonly sql: string;
}

/** Writes a catalog folder: properties, a partition list, a schema file where one is given, and a leaf per partition. */
export async function writePlain(
  dir: string,
  properties: Readonly<Record<string, PropertyValue>>,
  partitions: readonly PlainPartition[],
  schema?: string,
): Promise<void> {
  const session = await openTestSession();
  try {
    const dataset = path.join(dir, 'dataset');
    await mkdir(dataset, { recursive: true });
    for (const { order, pixel, sql } of partitions) {
      const folder = path.join(dataset, `Norder=${order}`, `Dir=${Math.floor(pixel / 1e4) * 1e4}`);
      await mkdir(folder, { recursive: true });
      const file = path.join(folder, `Npix=${pixel}.parquet`);
      await session.run(`COPY (${sql}) TO '${file}' (FORMAT parquet)`);
    }
    if (schema !== undefined) {
      const file = path.join(dataset, '_common_metadata');
      await session.run(`COPY (${schema} LIMIT 0) TO '${file}' (FORMAT parquet)`);
    }
  } finally {
    session.close();
  }
  await writeFile(path.join(dir, 'hats.properties'), formatProperties(properties));
  const list = partitions.map(({ order, pixel }) => `${order},${pixel}`);
  await writeFile(path.join(dir, 'partition_info.csv'), ['Norder,Npix', ...list, ''].join('\n'));
}

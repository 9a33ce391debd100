/** What finishing a catalog takes, for the partitions of leaf-fixture.ts. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { FinishOptions } from '../../catalogs/finish-catalog.ts';
import { parseProperties } from '../../catalogs/properties.ts';
import { COLUMNS, PARTITIONS } from './leaf-fixture.ts';

/** Rows per order-2 pixel of the fixture. */
export const MAP = {
  order: 2,
  pixels: Float64Array.of(3, 4, 176, 190),
  counts: Float64Array.of(2500, 1, 300, 5),
};

export function finishOptions(dir: string, changes: Partial<FinishOptions> = {}): FinishOptions {
  return {
    dir,
    name: 'stars',
    type: 'object',
    raColumn: 'ra',
    decColumn: 'dec',
    partitions: PARTITIONS,
    columns: COLUMNS,
    map: MAP,
    extraProperties: {},
    ...changes,
  };
}

export async function propertiesOf(folder: string): Promise<Record<string, string>> {
  return parseProperties(await readFile(path.join(folder, 'hats.properties'), 'utf8'));
}

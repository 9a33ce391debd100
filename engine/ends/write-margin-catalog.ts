/** Writes the margin catalog of an existing catalog, whole or not at all. */

import { marginName } from '../../catalogs/finish-catalog.ts';
import { openCatalogInfo } from '../../catalogs/open.ts';
import { checkNotInside, openStaging } from '../../catalogs/staging.ts';
import { requestError } from '../../partitioning/error.ts';
import { checkOptions } from '../../partitioning/options.ts';
import { checkMarginThreshold, writeMargin } from '../margin/write-margin.ts';
import { WRITE_MARGIN } from '../option-names.ts';
import type { Runtime } from '../runtime.ts';
import { withWorkspace } from './run.ts';
import {
  checkWriteOptions,
  parquetOptions,
  type WriteMarginOptions,
  type WriteResult,
} from './write-options.ts';

export async function writeMarginCatalog(
  catalog: string,
  target: string,
  thresholdArcsec: number,
  runtime: Runtime,
  options: WriteMarginOptions,
): Promise<WriteResult> {
  checkOptions('writeMarginCatalog', options, WRITE_MARGIN);
  checkWriteOptions({ ...options, marginArcsec: thresholdArcsec });
  const info = await openCatalogInfo(catalog, { margin: 'none' });
  if (info.type !== 'object' && info.type !== 'source') {
    throw requestError(`${info.name} is a ${info.type} table: margins belong to catalogs`);
  }
  checkMarginThreshold(info, thresholdArcsec);
  await checkNotInside(target, [info.path]);
  const staging = await openStaging(target, {
    digest: `margin-${String(thresholdArcsec).replaceAll('.', '_')}`,
    overwrite: options.overwrite === true,
  });
  try {
    return await withWorkspace(null, runtime, options, async (space) => {
      const written = await writeMargin(info, staging.output, thresholdArcsec, space, {
        ...options,
        name: options.name ?? marginName(info.name, thresholdArcsec),
        parquet: parquetOptions(options, info.columns),
      });
      await staging.commit();
      return { ...space.summary(written.rows), ...written, output: staging.target };
    });
  } catch (error) {
    // The first error is the one to report.
    await staging.discard().catch(() => {});
    throw error;
  }
}

/**
 * A neural network in the workers: red giants among generated stars, found by an ONNX model that each worker loads once.
 *
 *     npm run example:onnx -- [--rows 20000] [--dir FOLDER] [--workers N]
 */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { close, generateCatalog, openCatalog } from 'crosshatch';
import { returns } from './classify.ts';
import { writeRedGiantModel } from './model.ts';

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '20000' },
    dir: { type: 'string', default: 'example-output/onnx' },
    workers: { type: 'string' },
  },
});
const settings = values.workers === undefined ? {} : { workers: Number(values.workers) };

mkdirSync(values.dir, { recursive: true });
const model = join(values.dir, 'red-giants.onnx');
writeRedGiantModel(model);
const stars = join(values.dir, `stars-${values.rows}`);
if (!existsSync(stars)) {
  const spec = {
    kind: 'gaia',
    rows: Number(values.rows),
    seed: 1,
    rowsPerPartition: 5000,
  } as const;
  await generateCatalog(stars, spec, settings);
}

const catalog = await openCatalog(stars);
const classified = catalog.mapRows(
  { module: new URL('./classify.ts', import.meta.url), export: 'classify', returns },
  {
    columns: ['bp_rp', 'phot_g_mean_mag', 'parallax'],
    constants: { model },
    rowTimeoutSeconds: 10,
  },
);
const table = await classified.aggregate(
  { stars: 'count(*)', classified: 'count(giant)', giants: 'count_if(giant > 0.5)' },
  settings,
);
for (const [name, value] of Object.entries(table.get(0)?.toJSON() ?? {})) {
  console.log(`${name}: ${value}`);
}
await close();

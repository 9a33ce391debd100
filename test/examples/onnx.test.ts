/** The example with a neural network: its model, read by another program, gives what its weights say. */
import { afterAll, expect, test } from 'vitest';
import { returns } from '../../examples/onnx/classify.ts';
import { writeRedGiantModel } from '../../examples/onnx/model.ts';
import { close, generateCatalog, openCatalog } from '../../index.ts';
import { rowsOf } from '../query/result-rows.ts';
import { tempFolder } from '../query/temp-folder.ts';

const temp = tempFolder();
afterAll(() => close());

test('red giants are found by the model in the workers', async () => {
  const model = temp('model.onnx');
  writeRedGiantModel(model);
  const spec = { kind: 'gaia', rows: 1500, seed: 3, rowsPerPartition: 500 } as const;
  await generateCatalog(temp('stars'), spec, { workers: 1 });
  const columns = ['bp_rp', 'phot_g_mean_mag', 'parallax'];
  const query = (await openCatalog(temp('stars'))).mapRows(
    {
      module: new URL('../../examples/onnx/classify.ts', import.meta.url),
      export: 'classify',
      returns,
    },
    { columns, constants: { model } },
  );
  const rows = rowsOf(
    await query.select([...columns, 'absolute', 'giant']).collect({ workers: 2 }),
  );
  const ramp = (x: number) => Math.min(1, Math.max(0, x));
  for (const row of rows) {
    const [colour, g, parallax] = columns.map((name) => row[name] as number | null);
    if (colour === null || !(parallax! > 0)) {
      expect([row['absolute'], row['giant']]).toEqual([null, null]);
      continue;
    }
    const absolute = g! + 5 * Math.log10(parallax! / 100);
    const score = 8 * ramp(5 * colour! - 4.75) + 8 * ramp(3.5 - absolute) - 12;
    expect(row['absolute']).toBe(absolute);
    expect(row['giant']).toBeCloseTo(1 / (1 + Math.exp(-score)), 4);
  }
  const giants = rows.filter(({ giant }) => giant !== null && Number(giant) > 0.5);
  expect(giants.length).toBeGreaterThan(10);
});

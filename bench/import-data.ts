/** Catalogs as hats-import makes them: goals speak of such files, and their row groups are not ours. */
import { measure } from './process.ts';
import { oraclePython } from './venv.ts';

/** Imports the rows of the catalog at `from` to `to`, with a margin of 10″. */
export async function importCatalog(from: string, to: string): Promise<void> {
  const script = `${import.meta.dirname}/rivals/hats_import_rows.py`;
  await measure([oraclePython(), script, from, to, '10']);
}

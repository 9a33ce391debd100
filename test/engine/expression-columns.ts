/** One relation with a column of every kind that expressions treat differently. */
import type { Column } from '../../catalogs/types.ts';
import { CrosshatchError } from '../../partitioning/error.ts';

export const COLUMNS: readonly Column[] = [
  { name: 'ra', type: 'DOUBLE' },
  { name: 'dec', type: 'DOUBLE' },
  { name: 'pm', type: 'DOUBLE' },
  { name: 'mag', type: 'FLOAT' },
  { name: 'flags', type: 'INTEGER' },
  { name: 'bits', type: 'UTINYINT' },
  { name: 'ccd', type: 'SMALLINT' },
  { name: 'source_id', type: 'BIGINT' },
  { name: 'huge', type: 'UBIGINT' },
  { name: 'band', type: 'VARCHAR' },
  { name: 'g', type: 'DOUBLE' },
  { name: 'ok', type: 'BOOLEAN' },
  { name: 'day', type: 'DATE' },
  { name: 'price', type: 'DECIMAL(9,2)' },
  { name: 'proper motion', type: 'DOUBLE' },
  { name: 'say "hi"', type: 'DOUBLE' },
  { name: 'PMRA', type: 'DOUBLE' },
  { name: 'X', type: 'DOUBLE' },
  { name: 'x', type: 'DOUBLE' },
  { name: 'a.b', type: 'DOUBLE' },
  { name: 'end', type: 'DOUBLE' },
  {
    name: 'lc',
    type: 'STRUCT(mjd DOUBLE[], mag FLOAT[], "my mag" DOUBLE, flag INTEGER, inner_ STRUCT(z DOUBLE))',
  },
  { name: 'values', type: 'DOUBLE[]' },
];

/** The message of the request error that `act` throws. */
export async function refusal(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (error instanceof CrosshatchError && error.tag === 'request') return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

/**
 * Reads coverage files: MOCs as JSON or as FITS, in the layouts of the IVOA MOC standard 2.0 (RANGE) and 1.1
 * (NUNIQ).
 */
import { dataError } from '../partitioning/error.ts';
import { INDEX_ORDER } from '../partitioning/pixel.ts';
import { fromRanges, mocFromJson, type RangeSet } from '../partitioning/ranges.ts';
import { type FitsHeader, openFits, readUnits, wordCard } from './fits.ts';
import { binaryTable, readTableColumn } from './fits-table.ts';
import { type Store, storeFor } from './store.ts';

/** No JSON coverage is longer: larger ones are kept as FITS. */
const MAX_JSON_BYTES = 256 * 1024 * 1024;

/**
 * The coverage in a file.
 * @throws the `data` error when the file is neither form, or covers time, another frame or no valid cells;
 * the `storage` error when it is missing
 */
export async function readMocFile(path: string, store: Store = storeFor(path)): Promise<RangeSet> {
  const size = (await store.stat(path))?.size ?? 0;
  const head = Buffer.from(await store.readRange(path, 0, Math.min(size, 16))).toString('latin1');
  if (head.trimStart().startsWith('{')) {
    return mocFromText(await store.readAll(path, MAX_JSON_BYTES), path);
  }
  if (!head.startsWith('SIMPLE') && !head.startsWith('\x1f\x8b')) {
    throw dataError('the coverage is neither FITS nor JSON', path, 'give a MOC in one of them');
  }
  return readMocFits(path, store);
}

function mocFromText(bytes: Uint8Array, where: string): RangeSet {
  let moc: unknown;
  try {
    moc = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw dataError(`the coverage is not valid JSON: ${(error as Error).message}`, where);
  }
  return mocFromJson(moc);
}

async function readMocFits(path: string, store: Store): Promise<RangeSet> {
  const source = await openFits(path, store);
  for (const unit of await readUnits(source)) {
    const table = binaryTable(unit, path);
    const ordering = wordCard(unit.header, 'ORDERING');
    if (table === undefined || (ordering !== 'RANGE' && ordering !== 'NUNIQ')) continue;
    checkSpace(unit.header, path);
    const column = table.columns[0];
    if (table.columns.length !== 1 || column === undefined) {
      throw dataError(`a coverage has one column, this one ${table.columns.length}`, path);
    }
    const values = await readTableColumn(source, table, column);
    if (values instanceof BigInt64Array) {
      return ordering === 'RANGE' ? fromRanges(values) : fromUniq(values, path);
    }
    if (values instanceof Int32Array && ordering === 'NUNIQ') {
      return fromUniq(BigInt64Array.from(values, BigInt), path);
    }
    throw dataError(`a coverage of form ${column.code} is not one of 64-bit integers`, path);
  }
  throw dataError('the file has no coverage (MOC)', path, 'give a MOC as FITS or as JSON');
}

function checkSpace(header: FitsHeader, where: string): void {
  const dimension = wordCard(header, 'MOCDIM') ?? 'SPACE';
  if (dimension !== 'SPACE') {
    throw dataError(`the coverage is one of ${dimension}, not of the sky`, where);
  }
  const frame = wordCard(header, 'COORDSYS') ?? 'C';
  if (!/^(C|ICRS|CEL.*|EQU.*)$/.test(frame)) {
    throw dataError(`the coverage is in the frame ${frame}, not equatorial`, where);
  }
}

/** NUNIQ packs order and pixel as 4 · 4^order + pixel (MOC 1.1, section 2.3.1). */
function fromUniq(values: BigInt64Array, where: string): RangeSet {
  const bounds = new BigInt64Array(values.length * 2);
  for (let i = 0; i < values.length; i += 1) {
    const uniq = values[i]!;
    const order = (uniq.toString(2).length - 3) >> 1;
    if (uniq < 4n || order > INDEX_ORDER) {
      throw dataError(`${uniq} is not the number of a MOC cell`, where);
    }
    const shift = BigInt(2 * (INDEX_ORDER - order));
    const pixel = uniq - (4n << BigInt(2 * order));
    bounds[2 * i] = pixel << shift;
    bounds[2 * i + 1] = (pixel + 1n) << shift;
  }
  return fromRanges(bounds);
}

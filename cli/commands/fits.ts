/** `crosshatch fits`: headers, image sections and table columns of FITS files, read in place by ranges. */
import type { Command } from 'commander';
import type { FitsSource, FitsUnit } from '../../catalogs/fits.ts';
import type { AxisBounds } from '../../catalogs/fits-image.ts';
import { requestError } from '../../partitioning/error.ts';
import { addDebugFlag } from '../flags.ts';
import { parseNames, parseNumber } from '../parse.ts';
import { addRemoteFlags, applyRemoteFlags, type RemoteFlags } from '../remote.ts';
import { networkText } from '../summary.ts';

interface Flags extends RemoteFlags {
  readonly hdu?: number;
  readonly section?: string;
  readonly columns?: string[];
  readonly json?: boolean;
}

export function defineFits(command: Command): void {
  command
    .argument('<what>', 'header, section (of an image) or table (columns of one)')
    .argument('<file>', 'path or URL of a FITS file')
    .option(
      '--hdu <n>',
      'header-data unit, 0 is the primary one (default: the first that fits)',
      parseNumber,
    )
    .option('--section <x1:x2,y1:y2>', 'pixels, counted from 1, both ends included')
    .option('--columns <a,b>', 'columns of a table', parseNames)
    .option('--json', 'print one JSON object instead of text');
  addDebugFlag(addRemoteFlags(command));
  command.addHelpText(
    'after',
    `
Only what is asked for is read, from a local disk, https:// or s3://.

Examples (crosshatch demo makes this file):
  crosshatch fits header demo-output/gaia/gaia/skymap.fits
  crosshatch fits table demo-output/gaia/gaia/skymap.fits --columns VALUE --json
  crosshatch fits section image.fits --section 100:120,200:210
`,
  );
  command.action(fits);
}

async function fits(what: string, file: string, { json, ...flags }: Flags): Promise<void> {
  await applyRemoteFlags(flags);
  const { openFits, readUnits } = await import('../../catalogs/fits.ts');
  const source = await openFits(file);
  const units = await readUnits(source);
  const { data, lines } = await answer(what, source, units, flags);
  const network = networkText();
  const text =
    json === true
      ? [JSON.stringify(data)]
      : [...lines, ...(network === undefined ? [] : [network])];
  process.stdout.write(text.map((line) => `${line}\n`).join(''));
}

interface Answer {
  readonly data: unknown;
  readonly lines: readonly string[];
}

async function answer(
  what: string,
  source: FitsSource,
  units: readonly FitsUnit[],
  flags: Flags,
): Promise<Answer> {
  switch (what) {
    case 'header':
      return headers(units, flags.hdu);
    case 'section':
      return section(source, units, flags);
    case 'table':
      return table(source, units, flags);
    default:
      throw requestError(`'${what}' is nothing fits can show`, 'Give header, section or table.');
  }
}

function unitAt(units: readonly FitsUnit[], number: number, where?: string): FitsUnit {
  const unit = units[number];
  if (unit !== undefined) return unit;
  throw requestError(`there is no unit ${number}: the file has ${units.length}`, undefined, where);
}

function headers(units: readonly FitsUnit[], hdu: number | undefined): Answer {
  const numbers = hdu === undefined ? units.map((_, i) => i) : [hdu];
  const data = numbers.map((number) => ({
    hdu: number,
    cards: Object.fromEntries(unitAt(units, number).header),
  }));
  const lines = data.flatMap(({ hdu: number, cards }) => [
    `HDU ${number}`,
    ...Object.entries(cards).map(([key, value]) => `  ${key.padEnd(8)}  ${value}`),
  ]);
  return { data, lines };
}

async function section(
  source: FitsSource,
  units: readonly FitsUnit[],
  flags: Flags,
): Promise<Answer> {
  const { isImage, readImageSection } = await import('../../catalogs/fits-image.ts');
  const number = flags.hdu ?? units.findIndex(isImage);
  if (number < 0) throw requestError('the file holds no image', undefined, source.where);
  const bounds = boundsOf(flags.section);
  const found = await readImageSection(source, unitAt(units, number, source.where), bounds);
  const { shape, origin, values } = found;
  const finite = values.filter(Number.isFinite);
  const sum = finite.reduce((a, b) => a + b, 0);
  const least = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const most = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const pixels = [...values].map((value) => (Number.isFinite(value) ? value : null));
  return {
    data: { hdu: number, shape, origin, values: pixels },
    lines: [
      `HDU ${number}: ${shape.join(' × ')} pixels from ${origin.join(', ')}`,
      finite.length === 0
        ? 'all are blank'
        : `least ${least}, most ${most}, mean ${sum / finite.length}, blank ${values.length - finite.length}`,
    ],
  };
}

function boundsOf(text: string | undefined): AxisBounds[] {
  if (text === undefined) throw requestError('a section needs --section', 'Such as 1:10,1:10.');
  return text.split(',').map((axis) => {
    const match = /^\s*(\d*)\s*(?::\s*(\d*))?\s*$/.exec(axis);
    if (match === null) throw requestError(`'${axis}' is no range of pixels`, 'Such as 100:120.');
    const [, from, to] = match;
    const first = from === '' ? undefined : Number(from);
    const last = to === undefined ? first : to === '' ? undefined : Number(to);
    return {
      ...(first === undefined ? {} : { from: first }),
      ...(last === undefined ? {} : { to: last }),
    };
  });
}

/** Rows that are printed as text. */
const SHOWN_ROWS = 10;

async function table(
  source: FitsSource,
  units: readonly FitsUnit[],
  flags: Flags,
): Promise<Answer> {
  const { binaryTable, readTableColumn } = await import('../../catalogs/fits-table.ts');
  const number = flags.hdu ?? units.findIndex((unit) => unit.header.get('XTENSION') === 'BINTABLE');
  if (number < 0) throw requestError('the file holds no table', undefined, source.where);
  const found = binaryTable(unitAt(units, number, source.where), source.where);
  if (found === undefined)
    throw requestError(`unit ${number} is no table`, undefined, source.where);
  const names = flags.columns ?? found.columns.map(({ name }) => name);
  const columns: Record<string, unknown[]> = {};
  for (const name of names) {
    const column = found.columns.find((one) => one.name.toUpperCase() === name.toUpperCase());
    if (column === undefined) {
      const has = found.columns.map((one) => one.name).join(', ');
      throw requestError(`the table has no column ${name}`, `It has ${has}.`, source.where);
    }
    const values = await readTableColumn(source, found, column);
    // Whole numbers that a double cannot hold are given as texts, which keep their digits.
    columns[column.name] = Array.from(values as ArrayLike<number | bigint>, (value) =>
      typeof value === 'number' || Number.isSafeInteger(Number(value)) ? Number(value) : `${value}`,
    );
  }
  const rows = Object.entries(columns).map(
    ([name, values]) =>
      `  ${name}: ${values.slice(0, SHOWN_ROWS).join(', ')}${values.length > SHOWN_ROWS ? ', …' : ''}`,
  );
  return {
    data: { hdu: number, rows: found.rows, columns },
    lines: [`HDU ${number}: a table of ${found.rows} rows`, ...rows],
  };
}

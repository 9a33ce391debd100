/** The columns of generated catalogs, named and measured as the surveys do. */
import type { Column } from '../../catalogs/types.ts';
import type { GenerateSpec } from './spec.ts';

/** A column of a generated cell; all columns of a cell have as many values as it has rows. */
export interface GeneratedColumn {
  readonly name: string;
  readonly values: BigInt64Array | Float64Array | Float32Array | Int32Array | Int8Array;
  /** NaN stands for a missing value. */
  readonly nullIfNaN?: boolean;
  /** The values are places in this list, and the column is one of text. */
  readonly labels?: readonly string[];
}

export interface GeneratedRows {
  readonly rows: number;
  readonly columns: GeneratedColumn[];
}

export const RA_COLUMN = 'ra';
export const DEC_COLUMN = 'dec';

type Row = readonly [name: string, type: string, unit: string, ucd: string, description: string];

const INDEX: Row = [
  '_healpix_29',
  'BIGINT',
  '',
  '',
  'HEALPix NESTED number of the position at order 29',
];

const GAIA: readonly Row[] = [
  INDEX,
  ['source_id', 'BIGINT', '', 'meta.id;meta.main', 'order-12 NESTED pixel times 2^35 plus true_id'],
  ['ra', 'DOUBLE', 'deg', 'pos.eq.ra;meta.main', 'right ascension'],
  ['dec', 'DOUBLE', 'deg', 'pos.eq.dec;meta.main', 'declination'],
  ['ra_error', 'FLOAT', 'mas', 'stat.error;pos.eq.ra', 'standard error of ra times cos(dec)'],
  ['dec_error', 'FLOAT', 'mas', 'stat.error;pos.eq.dec', 'standard error of dec'],
  ['parallax', 'DOUBLE', 'mas', 'pos.parallax.trig', 'parallax; null without a full solution'],
  ['parallax_error', 'FLOAT', 'mas', 'stat.error;pos.parallax.trig', 'standard error of parallax'],
  ['pm', 'FLOAT', 'mas/yr', 'pos.pm', 'total proper motion'],
  ['pmra', 'DOUBLE', 'mas/yr', 'pos.pm;pos.eq.ra', 'proper motion in ra times cos(dec)'],
  ['pmdec', 'DOUBLE', 'mas/yr', 'pos.pm;pos.eq.dec', 'proper motion in dec'],
  ['phot_g_mean_mag', 'FLOAT', 'mag', 'phot.mag;em.opt', 'G magnitude'],
  ['phot_bp_mean_mag', 'FLOAT', 'mag', 'phot.mag;em.opt.B', 'BP magnitude'],
  ['phot_rp_mean_mag', 'FLOAT', 'mag', 'phot.mag;em.opt.R', 'RP magnitude'],
  ['bp_rp', 'FLOAT', 'mag', 'phot.color;em.opt.B;em.opt.R', 'BP - RP colour'],
  ['radial_velocity', 'FLOAT', 'km/s', 'spect.dopplerVeloc.opt', 'radial velocity of bright stars'],
  ['true_id', 'BIGINT', '', 'meta.id', 'number of the star, 0 to rows - 1'],
];

const ZTF: readonly Row[] = [
  INDEX,
  ['oid', 'BIGINT', '', 'meta.id;meta.main', 'number of the object'],
  ['ra', 'DOUBLE', 'deg', 'pos.eq.ra;meta.main', 'right ascension'],
  ['dec', 'DOUBLE', 'deg', 'pos.eq.dec;meta.main', 'declination'],
  ['fid', 'TINYINT', '', 'meta.code;instr.filter', 'filter: 1 = g, 2 = r, 3 = i'],
  ['filtercode', 'VARCHAR', '', 'meta.id;instr.filter', 'filter: zg, zr or zi'],
  ['nobs', 'INTEGER', '', 'meta.number', 'number of observations'],
  ['ngoodobsrel', 'INTEGER', '', 'meta.number', 'number of good observations'],
  ['meanmag', 'FLOAT', 'mag', 'phot.mag;stat.mean', 'mean magnitude'],
  ['medianmag', 'FLOAT', 'mag', 'phot.mag;stat.median', 'median magnitude'],
  ['minmag', 'FLOAT', 'mag', 'phot.mag;stat.min', 'brightest magnitude'],
  ['maxmag', 'FLOAT', 'mag', 'phot.mag;stat.max', 'faintest magnitude'],
  ['magrms', 'FLOAT', 'mag', 'stat.stdev;phot.mag', 'scatter of the magnitudes'],
  ['medianabsdev', 'FLOAT', 'mag', 'stat.value;phot.mag', 'median absolute deviation'],
  ['chisq', 'FLOAT', '', 'stat.fit.chi2', 'reduced chi-square of a constant magnitude'],
  ['true_id', 'BIGINT', '', 'meta.id', 'true_id of the star it is a measurement of, or -1'],
];

/** Names, types, units and meanings of the columns that a catalog of this kind has. */
export function columnsOf(kind: GenerateSpec['kind']): Column[] {
  return (kind === 'gaia' ? GAIA : ZTF).map(([name, type, unit, ucd, description]) => ({
    name,
    type,
    ...(unit === '' ? {} : { unit }),
    description,
    ...(ucd === '' ? {} : { ucd }),
  }));
}

/** Columns in which NaN stands for a missing value. */
const NULLABLE: ReadonlySet<string> = new Set([
  'parallax',
  'parallax_error',
  'pm',
  'pmra',
  'pmdec',
  'phot_bp_mean_mag',
  'phot_rp_mean_mag',
  'bp_rp',
  'radial_velocity',
]);

const LABELS: Readonly<Record<string, readonly string[]>> = { filtercode: ['zg', 'zr', 'zi'] };

/** The values of a cell as the columns of its kind, in their order. */
export function withColumns(
  kind: GenerateSpec['kind'],
  table: Readonly<Record<string, GeneratedColumn['values']>>,
): GeneratedColumn[] {
  return (kind === 'gaia' ? GAIA : ZTF).map(([name]) => ({
    name,
    values: table[name]!,
    ...(NULLABLE.has(name) ? { nullIfNaN: true } : {}),
    ...(LABELS[name] === undefined ? {} : { labels: LABELS[name] }),
  }));
}

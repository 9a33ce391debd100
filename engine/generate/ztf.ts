/** Rows of a ZTF-like catalog: objects of a survey that comes back to the same sky, in one band each. */
import { wordsOf } from '../../partitioning/facet.ts';
import { hashPositions } from '../../partitioning/healpix.ts';
import { INDEX_ORDER, type Pixel } from '../../partitioning/pixel.ts';
import { type GeneratedRows, withColumns } from './columns.ts';
import { normalQuantile } from './normal.ts';
import { type Objects, placeObjects, type Survey } from './objects.ts';
import { orderWithin, writeInt64 } from './order.ts';
import { PURPOSE, RandomStream } from './random.ts';

/** Object numbers start here: fifteen digits, as the survey's own. */
const FIRST_OBJECT = 200_000_000_000_000;
/** Shares of the bands g and r; the rest is i. */
const IN_G = 0.42;
const IN_G_OR_R = 0.92;
/** Magnitude in g, r and i less Gaia's G, per magnitude of colour. */
const BAND_SLOPES = [0.35, -0.1, -0.4] as const;
const VARIABLES = 0.03;
/** Median absolute deviation of a normal distribution of standard deviation 1. */
const NORMAL_MAD = 0.6745;

/** The values of a cell's columns, each as long as the cell has rows. */
function createTable(rows: number) {
  return {
    _healpix_29: new BigInt64Array(rows),
    oid: new BigInt64Array(rows),
    ra: new Float64Array(rows),
    dec: new Float64Array(rows),
    fid: new Int8Array(rows),
    filtercode: new Int8Array(rows),
    nobs: new Int32Array(rows),
    ngoodobsrel: new Int32Array(rows),
    meanmag: new Float32Array(rows),
    medianmag: new Float32Array(rows),
    minmag: new Float32Array(rows),
    maxmag: new Float32Array(rows),
    magrms: new Float32Array(rows),
    medianabsdev: new Float32Array(rows),
    chisq: new Float32Array(rows),
    true_id: new BigInt64Array(rows),
  };
}

type ZtfTable = ReturnType<typeof createTable>;

/** All rows of a cell, sorted by `_healpix_29`. */
export function generateZtf(survey: Survey, cell: Pixel): GeneratedRows {
  const objects = placeObjects(survey, cell);
  const { atoms, starts } = objects;
  const rows = starts[atoms.length]!;
  const table = createTable(rows);
  const first = atoms.length === 0 ? 0 : survey.rule.rowsBefore(Math.floor(atoms[0]!.from));
  const objectOf = writePositions(table, objects, FIRST_OBJECT + first);
  const stream = new RandomStream();
  for (let k = 0; k < atoms.length; k++) {
    stream.startAt(survey.seed, PURPOSE.measure, atoms[k]!.order, atoms[k]!.pixel);
    for (let row = starts[k]!; row < starts[k + 1]!; row++) {
      const object = objectOf[row]!;
      const { magnitude, colour } = objects.lights;
      writeMeasurement(table, row, magnitude[object]!, colour[object]!, stream);
    }
  }
  return { rows, columns: withColumns('ztf', table) };
}

/** Sorts the objects into rows and writes positions and numbers; returns the object of each row. */
function writePositions(table: ZtfTable, objects: Objects, firstObject: number): Int32Array {
  const { places, starts, star } = objects;
  const index = hashPositions(places.ra, places.dec, INDEX_ORDER);
  const objectOf = orderWithin(index, starts);
  const from = wordsOf(index);
  const to = wordsOf(table._healpix_29);
  const ids = wordsOf(table.oid);
  const trueIds = wordsOf(table.true_id);
  for (let row = 0; row < objectOf.length; row++) {
    const object = objectOf[row]!;
    to[2 * row] = from[2 * object]!;
    to[2 * row + 1] = from[2 * object + 1]!;
    table.ra[row] = places.ra[object]!;
    table.dec[row] = places.dec[object]!;
    writeInt64(ids, row, firstObject + row);
    writeInt64(trueIds, row, star[object]!);
  }
  return objectOf;
}

function writeMeasurement(
  table: ZtfTable,
  row: number,
  g: number,
  colour: number,
  stream: RandomStream,
): void {
  const lot = stream.uniform();
  const band = lot < IN_G ? 0 : lot < IN_G_OR_R ? 1 : 2;
  const truth = g + BAND_SLOPES[band]! * colour;
  const noise = 0.012 + 0.02 * 10 ** (0.4 * (truth - 19));
  const nobs = Math.ceil(Math.min(2000, Math.exp(5.3 + 0.6 * normalQuantile(stream.uniform()))));
  const mean = truth + (noise * normalQuantile(stream.uniform())) / Math.sqrt(nobs);
  const steady = noise * Math.exp(0.15 * normalQuantile(stream.uniform()));
  const amplitude = stream.uniform();
  const varies = stream.uniform() < VARIABLES ? 0.05 + 0.6 * amplitude * amplitude : 0;
  const rms = Math.sqrt(steady * steady + varies * varies);
  table.fid[row] = band + 1;
  table.filtercode[row] = band;
  table.nobs[row] = nobs;
  table.ngoodobsrel[row] = Math.ceil(nobs * (0.85 + 0.15 * stream.uniform()));
  table.meanmag[row] = mean;
  table.medianmag[row] = mean + 0.1 * rms * normalQuantile(stream.uniform());
  table.minmag[row] = mean - rms * (1.5 + stream.uniform());
  table.maxmag[row] = mean + rms * (1.5 + stream.uniform());
  table.magrms[row] = rms;
  table.medianabsdev[row] = NORMAL_MAD * rms * (0.8 + 0.4 * stream.uniform());
  table.chisq[row] = (rms / noise) ** 2 * (0.9 + 0.2 * stream.uniform());
}

/** Rows of a Gaia-like catalog: the stars of the atoms of a partition. */
import { wordsOf } from '../../partitioning/facet.ts';
import { hashPositions } from '../../partitioning/healpix.ts';
import { INDEX_ORDER, type Pixel } from '../../partitioning/pixel.ts';
import { type GeneratedRows, withColumns } from './columns.ts';
import { normalQuantile } from './normal.ts';
import { orderWithin, writeInt64 } from './order.ts';
import { createPlaces, type Places } from './points.ts';
import { PURPOSE, RandomStream } from './random.ts';
import { createLights, type Lights, StarField } from './stars.ts';
import { type SkyTree, starsOf } from './tree.ts';
import { atomsIn, mostStars, startsOf } from './walk.ts';

/** The values of a cell's columns, each as long as the cell has rows. */
function createTable(rows: number) {
  return {
    _healpix_29: new BigInt64Array(rows),
    source_id: new BigInt64Array(rows),
    ra: new Float64Array(rows),
    dec: new Float64Array(rows),
    ra_error: new Float32Array(rows),
    dec_error: new Float32Array(rows),
    parallax: new Float64Array(rows),
    parallax_error: new Float32Array(rows),
    pm: new Float32Array(rows),
    pmra: new Float64Array(rows),
    pmdec: new Float64Array(rows),
    phot_g_mean_mag: new Float32Array(rows),
    phot_bp_mean_mag: new Float32Array(rows),
    phot_rp_mean_mag: new Float32Array(rows),
    bp_rp: new Float32Array(rows),
    radial_velocity: new Float32Array(rows),
    true_id: new BigInt64Array(rows),
  };
}

type GaiaTable = ReturnType<typeof createTable>;

/** All rows of a cell, sorted by `_healpix_29`. */
export function generateGaia(tree: SkyTree, cell: Pixel): GeneratedRows {
  const atoms = atomsIn(tree, cell);
  const starts = startsOf(atoms.map(starsOf));
  const rows = starts[atoms.length]!;
  const field = new StarField(tree);
  const places = createPlaces(rows);
  for (let k = 0; k < atoms.length; k++) field.place(atoms[k]!, places, starts[k]!);
  const table = createTable(rows);
  // Stars of consecutive atoms are numbered on, so a star's number follows from its place in the cell.
  const firstStar = atoms.length === 0 ? 0 : Math.floor(atoms[0]!.from);
  const rowOf = writePositions(table, places, starts, firstStar);
  const lights = createLights(mostStars(atoms));
  const stream = new RandomStream();
  for (let k = 0; k < atoms.length; k++) {
    const atom = atoms[k]!;
    const own = rowOf.subarray(starts[k]!, starts[k + 1]!);
    field.light(atom, lights, 0);
    stream.startAt(tree.seed, PURPOSE.motion, atom.order, atom.pixel);
    writeMeasurements(table, lights, own, stream);
  }
  return { rows, columns: withColumns('gaia', table) };
}

/** Sorts the stars into rows and writes what follows from their positions; returns the row of each star. */
function writePositions(
  table: GaiaTable,
  places: Places,
  starts: Int32Array,
  firstStar: number,
): Int32Array {
  const index = hashPositions(places.ra, places.dec, INDEX_ORDER);
  const stars = orderWithin(index, starts);
  const from = wordsOf(index);
  const to = wordsOf(table._healpix_29);
  const ids = wordsOf(table.source_id);
  const trueIds = wordsOf(table.true_id);
  const rowOf = new Int32Array(stars.length);
  for (let row = 0; row < stars.length; row++) {
    const star = stars[row]!;
    rowOf[star] = row;
    table.ra[row] = places.ra[star]!;
    table.dec[row] = places.dec[star]!;
    const high = from[2 * star + 1]!;
    to[2 * row] = from[2 * star]!;
    to[2 * row + 1] = high;
    writeInt64(trueIds, row, firstStar + star);
    // Gaia's rule: the order-12 pixel (the index without its last 34 bits) above a number of 35 bits.
    ids[2 * row] = trueIds[2 * row]!;
    ids[2 * row + 1] = ((high & ~3) << 1) | trueIds[2 * row + 1]!;
  }
  return rowOf;
}

/** Kinematics: log-normal distances and speeds, so that proper motions have a heavy tail. */
const DISTANCE_KPC = 2.5;
const SPEED_KMS = 35;
/** Speed of 1 mas/yr at 1 kpc, km/s. */
const KMS_PER_MAS_KPC = 4.740470463;
/** Halo stars move this much faster. */
const HALO = { share: 0.03, factor: 6 };
/** Radial velocities exist for nearly all stars brighter than this. */
const VELOCITY_LIMIT = 14.5;

/** Writes the measurements of an atom's stars; star i goes to row `rowOf[i]`. */
function writeMeasurements(
  table: GaiaTable,
  { magnitude, colour }: Lights,
  rowOf: Int32Array,
  stream: RandomStream,
): void {
  for (let i = 0; i < rowOf.length; i++) {
    const row = rowOf[i]!;
    const g = magnitude[i]!;
    const error = 0.02 * Math.sqrt(1 + 10 ** (0.5 * (g - 14.5)));
    table.ra_error[row] = error * (0.7 + 0.3 * stream.uniform());
    table.dec_error[row] = error * (0.6 + 0.3 * stream.uniform());
    writeMotion(table, row, g, error, stream);
    const c = colour[i]!;
    const noColour = stream.uniform() < 0.3 * (g - 20);
    table.phot_g_mean_mag[row] = g;
    table.phot_bp_mean_mag[row] = noColour ? Number.NaN : g + 0.4 * c;
    table.phot_rp_mean_mag[row] = noColour ? Number.NaN : g - 0.6 * c;
    table.bp_rp[row] = noColour ? Number.NaN : c;
    const velocity = 45 * normalQuantile(stream.uniform());
    const hasVelocity = stream.uniform() < 0.95 && g < VELOCITY_LIMIT;
    table.radial_velocity[row] = hasVelocity ? velocity : Number.NaN;
  }
}

/** Parallax and proper motion, missing together for some of the faint stars. */
function writeMotion(
  table: GaiaTable,
  row: number,
  g: number,
  error: number,
  stream: RandomStream,
): void {
  // Faint stars are farther on average.
  const spread = 0.7 * normalQuantile(stream.uniform());
  const distance = DISTANCE_KPC * Math.exp(spread + 0.12 * (g - 19));
  const fast = stream.uniform() < HALO.share ? HALO.factor : 1;
  const speed = fast * SPEED_KMS * Math.exp(0.6 * normalQuantile(stream.uniform()));
  const motion = speed / (KMS_PER_MAS_KPC * distance);
  const angle = 2 * Math.PI * stream.uniform();
  const parallax = 1 / distance + error * normalQuantile(stream.uniform());
  const pmra = motion * Math.sin(angle) + error * normalQuantile(stream.uniform());
  const pmdec = motion * Math.cos(angle) + error * normalQuantile(stream.uniform());
  const missing = stream.uniform() < Math.min(0.6, 0.25 * (g - 19));
  table.parallax[row] = missing ? Number.NaN : parallax;
  table.parallax_error[row] = missing ? Number.NaN : error;
  table.pmra[row] = missing ? Number.NaN : pmra;
  table.pmdec[row] = missing ? Number.NaN : pmdec;
  table.pm[row] = missing ? Number.NaN : Math.sqrt(pmra * pmra + pmdec * pmdec);
}

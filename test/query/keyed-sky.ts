/** Objects and their detections on the hard places of the sky, with keys of every kind, and the joins of both by definition. */
import { Float64, Int32, Int64, makeVector, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { fromTable } from '../../index.ts';
import { offset } from '../partitioning/random-sky.ts';
import { PLACES, type Place, positionAt, type Random, seeded } from './hard-sky.ts';
import { distanceArcsec, inSpatialOrder } from './oracle.ts';

export interface KeyedRow {
  /** Number of the row: tells it apart in results. */
  readonly n: number;
  readonly ra: number;
  readonly dec: number;
  /** A key beyond 2⁵³, where doubles have no single steps. */
  readonly id: bigint | null;
  /** The same as a text. */
  readonly name: string | null;
  readonly band: string;
  /** A time; few values, so that there are ties. */
  readonly t: number | null;
  readonly mag: number | null;
}

export interface KeyedSpec {
  readonly seed: number;
  readonly objects: number;
  /** Detections of an object, about. */
  readonly detections: number;
  readonly places?: readonly Place[];
  /** How far detections lie from their object, arcsec, at most. */
  readonly scatterArcsec: number;
  /** Share of objects that have one common key. */
  readonly skew?: number;
}

const FIRST_ID = 2n ** 60n;

/** Keys are shared, absent on one side, null, or far away now and then. */
export function keyedSky(spec: KeyedSpec): { objects: KeyedRow[]; detections: KeyedRow[] } {
  const random = seeded(spec.seed);
  const { places = PLACES, scatterArcsec, skew = 0 } = spec;
  const objects: KeyedRow[] = [];
  const detections: KeyedRow[] = [];
  for (let i = 0; i < spec.objects; i++) {
    const twin = random() < 0.1 ? objects[Math.floor(random() * i)] : undefined;
    const [ra, dec] = twin
      ? [twin.ra, twin.dec]
      : positionAt(places[Math.floor(random() * places.length)]!, 0.02, random);
    const key = random() < skew ? 0 : random() < 0.1 ? Math.floor(random() * i) : i;
    const object = { n: i, ra, dec, ...keys(random() < 0.05 ? null : key), ...payload(random) };
    objects.push(object);
    const count = random() < 0.2 ? 0 : Math.floor(random() * 2 * spec.detections);
    for (let d = 0; d < count; d++) {
      const far = random() < 0.03;
      const reach = far ? 40 * scatterArcsec : scatterArcsec;
      const [ra2, dec2] = offset([ra, dec], random() * 360, (reach * random()) / 3600);
      const turn = random() < 0.1 ? 360 : 0;
      const of = random() < 0.05 ? null : random() < 0.03 ? spec.objects + i : key;
      const at = { ra: ra2 + turn, dec: Math.max(-90, Math.min(90, dec2)) };
      detections.push({ n: detections.length, ...at, ...keys(of), ...payload(random) });
    }
  }
  return { objects, detections };
}

function keys(key: number | null): Pick<KeyedRow, 'id' | 'name'> {
  return key === null
    ? { id: null, name: null }
    : { id: FIRST_ID + BigInt(key), name: `object ${key}` };
}

function payload(random: Random): Pick<KeyedRow, 'band' | 't' | 'mag'> {
  const kind = random();
  return {
    band: 'gri'[Math.floor(random() * 3)]!,
    t: kind < 0.05 ? null : kind < 0.1 ? Number.NaN : Math.floor(random() * 12) / 2,
    mag: kind > 0.95 ? null : kind > 0.9 ? Number.NaN : Math.round(random() * 3000) / 100,
  };
}

export function keyedTable(rows: readonly KeyedRow[]): Table {
  const column = (name: keyof KeyedRow) => rows.map((row) => row[name]);
  return new Table({
    n: vectorFromArray(column('n'), new Int32()),
    ra: makeVector(Float64Array.from(rows, ({ ra }) => ra)),
    dec: makeVector(Float64Array.from(rows, ({ dec }) => dec)),
    id: vectorFromArray(column('id'), new Int64()),
    name: vectorFromArray(column('name'), new Utf8()),
    band: vectorFromArray(column('band'), new Utf8()),
    t: vectorFromArray(column('t'), new Float64()),
    mag: vectorFromArray(column('mag'), new Float64()),
  });
}

/** Writes rows as the catalog `name` in the folder `dir`. */
export async function writeKeyed(
  dir: string,
  rows: readonly KeyedRow[],
  options: { name: string; rowsPerPartition: number; marginArcsec?: number },
): Promise<void> {
  const source = fromTable(keyedTable(rows), { ra: 'ra', dec: 'dec', name: options.name });
  await source.writeHats(dir, { ...options, workers: 1 });
}

export interface JoinTerms {
  readonly key: 'id' | 'name';
  readonly withinArcsec: number;
  readonly how: 'inner' | 'left';
}

/** Distances nearer than this to the limit are not settled by double arithmetic, arcsec. */
const DOUBTFUL_ARCSEC = 1e-6;

/** Left rows in spatial order, each with its partners in spatial order. */
export function partners(
  left: readonly KeyedRow[],
  right: readonly KeyedRow[],
  { key, withinArcsec }: Pick<JoinTerms, 'key' | 'withinArcsec'>,
): { readonly row: KeyedRow; readonly of: readonly KeyedRow[] }[] {
  const byKey = Map.groupBy(inSpatialOrder(right), (row) => row[key]);
  return inSpatialOrder(left).map((row) => {
    const equal = row[key] === null ? [] : (byKey.get(row[key]) ?? []);
    const of = equal.filter((other) => {
      const arcsec = distanceArcsec(row, other);
      if (Math.abs(arcsec - withinArcsec) < DOUBTFUL_ARCSEC) throw new Error('a doubtful case');
      return arcsec <= withinArcsec;
    });
    return { row, of };
  });
}

/** Numbers of the left and the right row of each output row. */
export function joined(
  left: readonly KeyedRow[],
  right: readonly KeyedRow[],
  terms: JoinTerms,
): [number, number | null][] {
  return partners(left, right, terms).flatMap(({ row, of }): [number, number | null][] => {
    if (of.length === 0) return terms.how === 'left' ? [[row.n, null]] : [];
    return of.map((other) => [row.n, other.n]);
  });
}

/**
 * The three catalogs of the reference program: stars with proper motions, the objects of a survey, and their detections.
 * Variable stars stand among generated stars of the whole sky, some of which the survey has seen too and found constant.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Float32, Float64, Int64, Table, Utf8, vectorFromArray } from 'apache-arrow';
import { fromTable, generateCatalog, openCatalog } from 'crosshatch';
import { normal, seeded } from '../random.ts';
import { type Variable, variables } from './curves.ts';

export interface Prepared {
  /** False: no sample data were found, and the curves are synthetic. */
  readonly real: boolean;
  readonly gaia: string;
  readonly objects: string;
  readonly sources: string;
  readonly variables: readonly Variable[];
}

const FIELD_STARS = 40_000;
/** Every so many of them is an object of the survey. */
const OBSERVED = 20;
const FIRST_STAR = 3_000_000_000n;
const ARCSEC = 1 / 3600;

interface Star {
  readonly source_id: bigint;
  readonly ra: number;
  readonly dec: number;
  readonly pm: number;
}

export async function prepareCatalogs(dir: string, shared: string): Promise<Prepared> {
  mkdirSync(dir, { recursive: true });
  const paths = {
    gaia: join(dir, 'gaia'),
    objects: join(dir, 'ztf'),
    sources: join(dir, 'ztf_sources'),
  };
  const found = await variables(shared, dir);
  const random = seeded(1);
  const field = await fieldStars(join(dir, 'field'));
  const constant = constantStars(field, found.variables, random);
  const objects = [...found.variables, ...constant];
  const stars = [...field, ...found.variables.map((variable) => counterpart(variable, random))];
  await write(paths.gaia, starTable(stars), 20_000);
  await write(paths.objects, objectTable(objects), 2000);
  await write(paths.sources, sourceTable(objects), 100_000);
  return { ...found, ...paths };
}

async function fieldStars(dir: string): Promise<Star[]> {
  const spec = { kind: 'gaia' as const, rows: FIELD_STARS, seed: 82, rowsPerPartition: 20_000 };
  await generateCatalog(dir, spec, { overwrite: true });
  const catalog = await openCatalog(dir);
  const table = await catalog.select(['source_id', 'ra', 'dec', 'pm']).collect();
  return table.toArray().map((row) => row?.toJSON() as unknown as Star);
}

/** Stars that do not vary, with the times and errors of a real curve. */
function constantStars(
  stars: readonly Star[],
  models: readonly Variable[],
  random: () => number,
): Variable[] {
  return stars
    .filter((_, i) => i % OBSERVED === 0)
    .map((star, i) => {
      const model = models[Math.floor(random() * models.length)]!;
      const mean = 15 + 4 * random();
      const points = model.points.map((point) => ({
        ...point,
        mag: mean + point.magerr * normal(random),
      }));
      const { ra, dec } = star;
      return { objectid: FIRST_STAR + BigInt(i), kind: 'star', ra, dec, period: null, points };
    });
}

/** A variable as the other catalog has it: a tenth of an arcsecond away, most of them moving. */
function counterpart({ objectid, ra, dec }: Variable, random: () => number): Star {
  const shift = () => 0.1 * ARCSEC * normal(random);
  return {
    source_id: 10n * objectid,
    ra: ra + shift() / Math.cos((dec * Math.PI) / 180),
    dec: dec + shift(),
    pm: 40 * random(),
  };
}

function starTable(stars: readonly Star[]): Table {
  return new Table({
    source_id: vectorFromArray(
      stars.map(({ source_id }) => source_id),
      new Int64(),
    ),
    ra: doubles(stars.map(({ ra }) => ra)),
    dec: doubles(stars.map(({ dec }) => dec)),
    pm: vectorFromArray(
      stars.map(({ pm }) => pm),
      new Float32(),
    ),
  });
}

function objectTable(objects: readonly Variable[]): Table {
  return new Table({
    oid: vectorFromArray(
      objects.map(({ objectid }) => objectid),
      new Int64(),
    ),
    ra: doubles(objects.map(({ ra }) => ra)),
    dec: doubles(objects.map(({ dec }) => dec)),
    kind: vectorFromArray(
      objects.map(({ kind }) => kind),
      new Utf8(),
    ),
    true_period: doubles(objects.map(({ period }) => period)),
  });
}

/** One row per detection, at the object's position. */
function sourceTable(objects: readonly Variable[]): Table {
  const rows = objects.flatMap((object) => object.points.map((point) => ({ object, point })));
  return new Table({
    objectid: vectorFromArray(
      rows.map(({ object }) => object.objectid),
      new Int64(),
    ),
    ra: doubles(rows.map(({ object }) => object.ra)),
    dec: doubles(rows.map(({ object }) => object.dec)),
    mjd: doubles(rows.map(({ point }) => point.mjd)),
    mag: doubles(rows.map(({ point }) => point.mag)),
    magerr: doubles(rows.map(({ point }) => point.magerr)),
    band: vectorFromArray(
      rows.map(({ point }) => point.band),
      new Utf8(),
    ),
  });
}

function doubles(values: readonly (number | null)[]) {
  return vectorFromArray(values, new Float64());
}

async function write(dir: string, table: Table, rowsPerPartition: number): Promise<void> {
  const source = fromTable(table, { ra: 'ra', dec: 'dec' });
  await source.writeHats(dir, { rowsPerPartition, marginArcsec: 10, overwrite: true });
}

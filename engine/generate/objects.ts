/** Where the rows of a ZTF-like partition are: scattered counterparts of stars, and sources of its own. */
import { wordsOf } from '../../partitioning/facet.ts';
import { hashPositions } from '../../partitioning/healpix.ts';
import { INDEX_ORDER, MAX_PIXEL_ORDER, type Pixel } from '../../partitioning/pixel.ts';
import { RADIANS_PER_ARCSEC } from '../../partitioning/sphere.ts';
import type { CounterpartRule } from './counterpart.ts';
import { normalQuantile } from './normal.ts';
import { stepOnSky } from './place.ts';
import { createPlaces, type Places, PointSource } from './points.ts';
import { PURPOSE, RandomStream } from './random.ts';
import { createLights, type Lights, StarField } from './stars.ts';
import { type SkyNode, type SkyTree, starsOf } from './tree.ts';
import { atomsAround, mostStars, startsOf } from './walk.ts';

/** Standard deviation of a counterpart's position along each axis. */
export const SCATTER_ARCSEC = 0.1;
/** Scatter is drawn again beyond this: 1.5e-8 of the counterparts. */
export const MAX_SCATTER_ARCSEC = 0.6;
/** Share of the sources of its own that are artefacts next to a star; the others lie anywhere. */
const ARTEFACTS = 0.2;
const ARTEFACT_ARCSEC = { least: 0.5, most: 5 };

/** A survey that repeats the stars of a tree. */
export interface Survey {
  readonly tree: SkyTree;
  readonly rule: CounterpartRule;
  readonly seed: number;
  /** False for a catalog of its own: its stars are not scattered and belong to no other catalog. */
  readonly linked: boolean;
}

/** Rows of a partition, atom by atom, not yet sorted within an atom. */
export interface Objects {
  readonly atoms: readonly SkyNode[];
  /** Rows of atom k: [starts[k], starts[k + 1]). */
  readonly starts: Int32Array;
  readonly places: Places;
  readonly lights: Lights;
  /** Number of the star that a row is a measurement of, or −1. */
  readonly star: Float64Array;
}

/** Counterparts that may lie in a cell, ascending by star. */
interface Candidates {
  readonly places: Places;
  readonly lights: Lights;
  readonly star: Float64Array;
}

/** The rows of a cell: exactly as many in each atom as the rule gives it. */
export function placeObjects(survey: Survey, cell: Pixel): Objects {
  const { tree, rule } = survey;
  const reach = survey.linked ? MAX_SCATTER_ARCSEC * RADIANS_PER_ARCSEC : 0;
  const around = atomsAround(tree, cell, reach);
  const atoms = around.filter((atom) => isWithin(atom, cell));
  const starts = startsOf(atoms.map((atom) => rowsOf(rule, atom)));
  const rows = starts[atoms.length]!;
  const objects: Objects = {
    atoms,
    starts,
    places: createPlaces(rows),
    lights: createLights(rows),
    star: new Float64Array(rows).fill(-1),
  };
  const filled = accept(survey, objects, observe(survey, around));
  fillUp(survey, objects, filled);
  return objects;
}

function rowsOf(rule: CounterpartRule, atom: SkyNode): number {
  return rule.rowsBefore(Math.floor(atom.to)) - rule.rowsBefore(Math.floor(atom.from));
}

function isWithin(atom: SkyNode, cell: Pixel): boolean {
  const span = 4 ** Math.abs(atom.order - cell.order);
  return atom.order >= cell.order && Math.floor(atom.pixel / span) === cell.pixel;
}

/** Measures the stars of the atoms again. */
function observe(survey: Survey, atoms: readonly SkyNode[]): Candidates {
  const { tree, rule, linked } = survey;
  let total = 0;
  for (const { from, to } of atoms) {
    total += rule.matchedBefore(Math.floor(to)) - rule.matchedBefore(Math.floor(from));
  }
  const out = {
    places: createPlaces(total),
    lights: createLights(total),
    star: new Float64Array(total),
  };
  const most = mostStars(atoms);
  const places = createPlaces(most);
  const lights = createLights(most);
  const marks = new Uint8Array(most);
  const field = new StarField(tree);
  const stream = new RandomStream();
  let at = 0;
  for (const atom of atoms) {
    const first = Math.floor(atom.from);
    const stars = starsOf(atom);
    rule.mark(first, stars, marks);
    field.place(atom, places, 0);
    field.light(atom, lights, 0);
    stream.startAt(survey.seed, PURPOSE.scatter, atom.order, atom.pixel);
    for (let i = 0; i < stars; i++) {
      if (marks[i] === 0) continue;
      out.star[at] = first + i;
      out.lights.magnitude[at] = lights.magnitude[i]!;
      out.lights.colour[at] = lights.colour[i]!;
      if (linked) {
        scatter(places, i, out.places, at, stream);
      } else {
        out.places.ra[at] = places.ra[i]!;
        out.places.dec[at] = places.dec[i]!;
      }
      at++;
    }
  }
  return out;
}

/** Writes to place `to` the star at place `from`, moved by a Gaussian error on both axes. */
function scatter(stars: Places, from: number, out: Places, to: number, stream: RandomStream): void {
  const limit = (MAX_SCATTER_ARCSEC / SCATTER_ARCSEC) ** 2;
  let east: number;
  let north: number;
  do {
    east = normalQuantile(stream.uniform());
    north = normalQuantile(stream.uniform());
  } while (east * east + north * north > limit);
  const unit = SCATTER_ARCSEC * RADIANS_PER_ARCSEC;
  const moved = stepOnSky(stars.ra[from]!, stars.dec[from]!, east * unit, north * unit);
  out.ra[to] = moved.ra;
  out.dec[to] = moved.dec;
}

/**
 * Puts every candidate into the atom of the cell where it now lies, in the order of their stars, as long as
 * the atom has room; a star whose counterpart finds none, or leaves the cone, goes without. What an atom
 * accepts depends on the candidates that lie in it alone, never on the cell. Returns the rows taken per atom.
 */
function accept(survey: Survey, objects: Objects, found: Candidates): Int32Array {
  const { cone } = survey.tree;
  const { atoms, starts } = objects;
  const filled = new Int32Array(atoms.length);
  const { ra, dec } = found.places;
  const words = wordsOf(hashPositions(ra, dec, INDEX_ORDER));
  const lows = Float64Array.from(
    atoms,
    ({ order, pixel }) => pixel * 4 ** (MAX_PIXEL_ORDER - order),
  );
  const ends = Float64Array.from(lows, (low, k) => low + 4 ** (MAX_PIXEL_ORDER - atoms[k]!.order));
  for (let i = 0; i < ra.length; i++) {
    const fine = words[2 * i + 1]! * 2 ** 22 + (words[2 * i]! >>> 10);
    const k = lastNotAbove(lows, fine);
    if (k < 0 || fine >= ends[k]!) continue;
    const row = starts[k]! + filled[k]!;
    if (row === starts[k + 1]!) continue;
    if (atoms[k]!.partial && !cone!.contains(ra[i]!, dec[i]!)) continue;
    filled[k]!++;
    objects.places.ra[row] = ra[i]!;
    objects.places.dec[row] = dec[i]!;
    objects.lights.magnitude[row] = found.lights.magnitude[i]!;
    objects.lights.colour[row] = found.lights.colour[i]!;
    objects.star[row] = survey.linked ? found.star[i]! : -1;
  }
  return filled;
}

/** Place of the last value ≤ `value` in an ascending array, or −1. */
function lastNotAbove(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Fills the rows that are left with artefacts near stars and with extended objects anywhere. */
function fillUp(survey: Survey, objects: Objects, filled: Int32Array): void {
  const { atoms, starts, places, lights } = objects;
  const most = mostStars(atoms);
  const field = new StarField(survey.tree);
  const stars = createPlaces(most);
  const points = new PointSource(survey.tree, survey.seed);
  const { stream } = points;
  const { least, most: farthest } = ARTEFACT_ARCSEC;
  for (let k = 0; k < atoms.length; k++) {
    const atom = atoms[k]!;
    const count = starsOf(atom);
    const end = starts[k + 1]!;
    let row = starts[k]! + filled[k]!;
    if (row === end) continue;
    field.place(atom, stars, 0);
    points.begin(atom, PURPOSE.filler);
    for (; row < end; row++) {
      do {
        const star = Math.floor(stream.uniform() * count);
        if (stream.uniform() < ARTEFACTS) points.drawNear(stars, star, least, farthest);
        else points.draw();
      } while (!points.write(places, row));
      lights.magnitude[row] = 21 - 5 * stream.uniform() ** 2;
      lights.colour[row] = 1.2 + 0.5 * normalQuantile(stream.uniform());
    }
  }
}

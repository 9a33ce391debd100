/**
 * Polygons on the sky: great-circle edges, convex or concave, either winding, less than half the sky.
 *
 * A point is inside when the arc from it to a reference point of known side crosses the border an odd
 * (or even) number of times. Which side of the plane through the point and the reference a vertex lies on
 * is computed once and used for both edges that meet there, so no crossing at a vertex is lost or doubled.
 */
import { requestError } from './error.ts';
import { simpleBorder } from './polygon-check.ts';
import {
  angleBetween,
  cross,
  dot,
  heightAbove,
  minus,
  norm,
  normalised,
  plus,
  type Vector,
} from './vector.ts';

/** Vertices in order around the border, degrees; the first need not be repeated at the end. */
export interface Polygon {
  readonly vertices: readonly (readonly [ra: number, dec: number])[];
}

/** Points this near to the border (radians) count as on it, and so as inside: rounding moves them so far. */
const ON_BORDER = 1e-15;

/** Polygons whose area is this near to half the sky (steradians) do not say which side is inside. */
const HALF_SKY_SLACK = 1e-9;

/** Largest radius (radians) of a circle around a polygon at which all outside it is trusted to be outside. */
const SURE_RADIUS = 1.4;

/** Reference points to choose from. */
const CANDIDATES = 128;

/** A polygon made ready for tests. Edge `i` goes from vertex `i` to `i + 1`, the interior on its left. */
export interface PreparedPolygon {
  readonly edges: number;
  /** The vertices, the first repeated at the end. */
  readonly vertices: readonly Vector[];
  /** The same as columns. */
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
  /** Per edge: 1 / |a × b|. */
  readonly steepness: Float64Array;
  /** Steradians. */
  readonly area: number;
  /** Length of the border, radians. */
  readonly border: number;
  /** A circle that holds all of it; radius π when no circle below a hemisphere does. */
  readonly centre: Vector;
  readonly radius: number;
  /** Two points of the sky, neither opposite to the other's surroundings. */
  readonly references: readonly [Reference, Reference];
}

/** A point well away from the great circle of every edge, and which side of each it is on (±1). */
interface Reference {
  readonly point: Vector;
  readonly sides: Int8Array;
  readonly inside: boolean;
}

/**
 * Checks a polygon and makes it ready.
 * @throws request error when it has fewer than three distinct vertices, crosses or touches itself, has an
 *   edge of 180° or covers half the sky
 */
export function preparePolygon(polygon: Polygon): PreparedPolygon {
  const distinct = simpleBorder(polygon.vertices);
  const left = leftArea(distinct);
  if (Math.abs(left - 2 * Math.PI) < HALF_SKY_SLACK) {
    throw requestError(
      'polygon covers half the sky, so that its inside is undefined',
      'Split it into smaller polygons.',
    );
  }
  const ordered = left < 2 * Math.PI ? distinct : distinct.toReversed();
  const vertices = [...ordered, ordered[0]!];
  const lengths = ordered.map((a, i) => angleBetween(a, vertices[i + 1]!));
  const prepared = {
    edges: ordered.length,
    vertices,
    x: Float64Array.from(vertices, (v) => v[0]),
    y: Float64Array.from(vertices, (v) => v[1]),
    z: Float64Array.from(vertices, (v) => v[2]),
    steepness: Float64Array.from(ordered, (a, i) => 1 / norm(cross(a, minus(vertices[i + 1]!, a)))),
    area: Math.max(0, Math.min(left, 4 * Math.PI - left)),
    border: lengths.reduce((sum, length) => sum + length, 0),
    ...boundingCircle(ordered, lengths),
  };
  return { ...prepared, references: chooseReferences(prepared, lengths) };
}

/** Area on the left of the border, 0 to 4π: the sum of the angles on the left less (n − 2)π (Girard). */
function leftArea(vertices: readonly Vector[]): number {
  let angles = 0;
  vertices.forEach((b, i) => {
    const back = minus(vertices.at(i - 1)!, b);
    const forth = minus(vertices[(i + 1) % vertices.length]!, b);
    const sine = dot(b, cross(forth, back));
    const turn = Math.atan2(sine, dot(forth, back) - dot(b, forth) * dot(b, back));
    angles += turn < 0 ? turn + 2 * Math.PI : turn;
  });
  return angles - (vertices.length - 2) * Math.PI;
}

function boundingCircle(vertices: readonly Vector[], lengths: readonly number[]) {
  let sum: Vector = [0, 0, 0];
  vertices.forEach(([x, y, z], i) => {
    // Weighted by the edges, so that crowded vertices do not pull the centre aside.
    const weight = lengths[i]! + lengths.at(i - 1)!;
    sum = plus(sum, [x * weight, y * weight, z * weight]);
  });
  const centre: Vector = norm(sum) > 1e-12 ? normalised(sum) : [0, 0, 1];
  const farthest = vertices.reduce((most, v) => Math.max(most, angleBetween(centre, v)), 0);
  // A circle below a hemisphere holds its vertices' arcs, and all outside it is one side: the larger.
  return { centre, radius: farthest < SURE_RADIUS ? farthest + 1e-12 : Math.PI };
}

type Unreferenced = Omit<PreparedPolygon, 'references'>;

/** Takes the two candidates whose distance from all edges' great circles is largest. */
function chooseReferences(
  polygon: Unreferenced,
  lengths: readonly number[],
): [Reference, Reference] {
  const { vertices, centre, radius, edges } = polygon;
  const longest = lengths.indexOf(lengths.reduce((most, length) => Math.max(most, length), 0));
  const middle = normalised(plus(vertices[longest]!, vertices[longest + 1]!));
  const candidates = Array.from({ length: CANDIDATES }, (_, k) => spiralPoint(k)).filter((point) =>
    radius < Math.PI ? angleBetween(point, centre) > radius : dot(point, middle) > -0.9,
  );
  const clearance = candidates.map((point) => {
    let least = 1;
    for (let i = 0; i < edges; i++) {
      least = Math.min(least, Math.abs(heightAbove(vertices[i]!, vertices[i + 1]!, point)));
    }
    return least;
  });
  const best = (allowed: (point: Vector) => boolean): Vector => {
    let found = -1;
    candidates.forEach((point, k) => {
      if (allowed(point) && (found < 0 || clearance[k]! > clearance[found]!)) found = k;
    });
    return candidates[found]!;
  };
  const referenceAt = (point: Vector): Reference => {
    const sides = Int8Array.from({ length: edges }, (_, i) =>
      heightAbove(vertices[i]!, vertices[i + 1]!, point) > 0 ? 1 : -1,
    );
    if (radius < Math.PI) return { point, sides, inside: false };
    // The arc from the middle of an edge starts inside when it leaves the edge to the left.
    const crossed = crossings(polygon, { point, sides, inside: false }, ...middle, longest);
    return { point, sides, inside: sides[longest]! > 0 !== (crossed & 1) > 0 };
  };
  const first = best(() => true);
  const second = best((point) => dot(point, first) < 0.8);
  return [referenceAt(first), referenceAt(second)];
}

/** Point `k` of an even spread over the sphere along a golden-angle spiral. */
function spiralPoint(k: number): Vector {
  const z = 1 - (2 * k + 1) / CANDIDATES;
  const turn = k * Math.PI * (3 - Math.sqrt(5)) + 0.1;
  const across = Math.sqrt(1 - z * z);
  return [across * Math.cos(turn), across * Math.sin(turn), z];
}

/** What {@link crossings} gives for a point on the border. */
const TOUCHES = -1;

/**
 * How many edges the arc from the unit vector (px, py, pz) to a reference crosses; {@link TOUCHES} when
 * the point is on the border. Edge `skipped` is left out; −1 leaves out none.
 */
function crossings(
  polygon: Unreferenced,
  reference: Reference,
  px: number,
  py: number,
  pz: number,
  skipped: number,
): number {
  const { x, y, z, steepness, edges } = polygon;
  const { sides } = reference;
  const [rx, ry, rz] = reference.point;
  const mx = py * rz - pz * ry;
  const my = pz * rx - px * rz;
  const mz = px * ry - py * rx;
  let count = 0;
  let ahead = mx * x[0]! + my * y[0]! + mz * z[0]!;
  for (let i = 0; i < edges; i++) {
    const here = ahead;
    ahead = mx * x[i + 1]! + my * y[i + 1]! + mz * z[i + 1]!;
    // Both ends clearly on one side: neither crossed nor touched.
    if ((here > 4e-15 && ahead > 4e-15) || (here < -4e-15 && ahead < -4e-15)) continue;
    if (i === skipped) continue;
    const ax = x[i]!;
    const ay = y[i]!;
    const az = z[i]!;
    const ex = x[i + 1]! - ax;
    const ey = y[i + 1]! - ay;
    const ez = z[i + 1]! - az;
    const dx = px - ax;
    const dy = py - ay;
    const dz = pz - az;
    const height =
      (ax * (ey * dz - ez * dy) + ay * (ez * dx - ex * dz) + az * (ex * dy - ey * dx)) *
      steepness[i]!;
    if (Math.abs(height) <= ON_BORDER) {
      const length = Math.sqrt(ex * ex + ey * ey + ez * ez);
      const along = (dx * ex + dy * ey + dz * ez) / length;
      const near = px * (2 * ax + ex) + py * (2 * ay + ey) + pz * (2 * az + ez) > 0;
      if (near && along >= -ON_BORDER && along <= length + ON_BORDER) return TOUCHES;
    }
    // From the left of the arc to its right, the end of the arc is on the edge's left, its start not.
    if (here >= 0 && ahead < 0) count += height < 0 && sides[i]! > 0 ? 1 : 0;
    else if (here < 0 && ahead >= 0) count += height > 0 && sides[i]! < 0 ? 1 : 0;
  }
  return count;
}

/** True when a unit vector lies inside a polygon or on its border. */
export function polygonContains(
  polygon: PreparedPolygon,
  x: number,
  y: number,
  z: number,
): boolean {
  const [first, second] = polygon.references;
  // From near the opposite point the arc to the reference has no certain direction.
  const opposite = x * first.point[0] + y * first.point[1] + z * first.point[2] < -0.9;
  const reference = opposite ? second : first;
  const count = crossings(polygon, reference, x, y, z, -1);
  return count === TOUCHES || (count & 1) > 0 !== reference.inside;
}

/** Whether vertices make a polygon: enough of them, edges that are defined, and a border that never meets itself. */
import { requestError } from './error.ts';
import { cross, dot, heightAbove, minus, norm, plus, unitVector, type Vector } from './vector.ts';

/** Vertices nearer than this (radians) are one point, and edges that come this near touch. */
const TOUCH = 1e-14;

/** Neighbouring vertices this near to being opposite (radians) do not say where the edge runs. */
const OPPOSITE = 1e-9;

/** A vertex with its text for messages. */
interface Corner {
  readonly at: Vector;
  readonly text: string;
}

interface Edge {
  readonly a: Vector;
  readonly b: Vector;
  readonly text: string;
}

/**
 * The unit vectors of a polygon's vertices, in degrees, without repeated neighbours.
 * @throws request error when they do not make a simple polygon
 */
export function simpleBorder(vertices: readonly (readonly [ra: number, dec: number])[]): Vector[] {
  const corners = vertices.map(([ra, dec]) => ({
    at: unitVector(ra, dec),
    text: `(${ra}, ${dec})`,
  }));
  const distinct = corners.filter(({ at }, i) => {
    const before = corners.at(i - 1)!.at;
    return norm(minus(at, before)) > TOUCH;
  });
  if (distinct.length < 3) {
    // Vertices that are all the same have all been dropped.
    const count = Math.min(vertices.length, Math.max(1, distinct.length));
    throw requestError(
      `polygon has ${count} distinct ${count === 1 ? 'vertex' : 'vertices'} and needs at least 3`,
      'Give them in order around the border, for example 10,10 20,10 15,20.',
    );
  }
  checkEdges(distinct);
  return distinct.map(({ at }) => at);
}

function checkEdges(corners: readonly Corner[]): void {
  const edges = corners.map((corner, i): Edge => {
    const following = corners[(i + 1) % corners.length]!;
    if (norm(plus(corner.at, following.at)) < OPPOSITE) {
      throw requestError(
        `polygon vertices ${corner.text} and ${following.text} are opposite points of the sky`,
        'Put another vertex between them to say where the edge runs.',
      );
    }
    return { a: corner.at, b: following.at, text: `${corner.text}–${following.text}` };
  });
  for (let i = 0; i < edges.length; i++) {
    for (let j = i + 1; j < edges.length; j++) {
      const first = edges[i]!;
      const second = edges[j]!;
      if (!meet(first, second, j === i + 1, i === 0 && j === edges.length - 1)) continue;
      throw requestError(
        `polygon edges ${first.text} and ${second.text} cross or touch`,
        'Give the vertices in order around the border, which must not meet itself.',
      );
    }
  }
}

/**
 * Whether two edges share a point, apart from the vertex they have in common when `second` starts where
 * `first` ends (`follows`) or ends where it starts (`leads`).
 */
function meet(first: Edge, second: Edge, follows: boolean, leads: boolean): boolean {
  if (follows) return isOn(second.b, first) || isOn(first.a, second);
  if (leads) return isOn(second.a, first) || isOn(first.b, second);
  const h1 = heightAbove(first.a, first.b, second.a);
  const h2 = heightAbove(first.a, first.b, second.b);
  if ((h1 > TOUCH && h2 > TOUCH) || (h1 < -TOUCH && h2 < -TOUCH)) return false;
  if (isOn(second.a, first) || isOn(second.b, first)) return true;
  if (isOn(first.a, second) || isOn(first.b, second)) return true;
  const h3 = heightAbove(second.a, second.b, first.a);
  const h4 = heightAbove(second.a, second.b, first.b);
  // Crossing from left to right, the other edge's start is on the right; the opposite signs mean that
  // the edges' circles meet on the far side of the sky.
  return (h1 > 0 && h2 < 0 && h3 < 0 && h4 > 0) || (h1 < 0 && h2 > 0 && h3 > 0 && h4 < 0);
}

/** Whether a point lies on an edge, ends included, as near as rounding allows. */
function isOn(p: Vector, { a, b }: Edge): boolean {
  if (norm(minus(p, a)) <= TOUCH || norm(minus(p, b)) <= TOUCH) return true;
  if (Math.abs(heightAbove(a, b, p)) > TOUCH) return false;
  const edge = minus(b, a);
  const normal = cross(a, edge);
  return dot(cross(normal, a), p) > 0 && dot(cross(b, normal), p) > 0;
}

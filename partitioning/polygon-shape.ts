/** Polygons compared with pixels and with rows. */
import { type Polygon, type PreparedPolygon, polygonContains, preparePolygon } from './polygon.ts';
import { classifyByBorder, type RowFilter, type Shape } from './shape.ts';
import { unitVectors } from './sphere.ts';
import { angleBetween, distanceToArc } from './vector.ts';

/** Rows whose unit vectors are formed at a time: small enough to stay in cache. */
const BLOCK = 1024;

export function polygonShape(polygon: Polygon): Shape {
  const prepared = preparePolygon(polygon);
  const { vertices, edges, centre, radius } = prepared;
  return {
    classify(cap) {
      const p = cap.centre;
      if (angleBetween(centre, p) - cap.radius > radius) return 'outside';
      let distance = Number.POSITIVE_INFINITY;
      for (let i = 0; i < edges; i++) {
        distance = Math.min(distance, distanceToArc(vertices[i]!, vertices[i + 1]!, p));
        if (distance <= cap.radius) return 'mixed';
      }
      return classifyByBorder(distance, polygonContains(prepared, ...p), cap);
    },
  };
}

/** Area in steradians and border in radians. */
export function polygonSize(polygon: Polygon): { area: number; border: number } {
  const { area, border } = preparePolygon(polygon);
  return { area, border };
}

/** Keeps rows inside the polygon, border included. */
export function polygonFilter(polygon: Polygon, ra: Float64Array, dec: Float64Array): RowFilter {
  const prepared = preparePolygon(polygon);
  const blockRa = new Float64Array(BLOCK);
  const blockDec = new Float64Array(BLOCK);
  const x = new Float64Array(BLOCK);
  const y = new Float64Array(BLOCK);
  const z = new Float64Array(BLOCK);
  return (rows, count) => {
    let kept = 0;
    for (let from = 0; from < count; from += BLOCK) {
      const size = Math.min(BLOCK, count - from);
      for (let i = 0; i < size; i++) {
        blockRa[i] = ra[rows[from + i]!]!;
        blockDec[i] = dec[rows[from + i]!]!;
      }
      unitVectors(blockRa, blockDec, 0, size, x, y, z);
      kept = keepInside(prepared, { x, y, z, size }, { rows, from, kept });
    }
    return kept;
  };
}

function keepInside(
  polygon: PreparedPolygon,
  block: { x: Float64Array; y: Float64Array; z: Float64Array; size: number },
  target: { rows: Int32Array; from: number; kept: number },
): number {
  const { x, y, z, size } = block;
  const { rows, from } = target;
  const [cx, cy, cz] = polygon.centre;
  // The slack covers the rounding of the cosine, which is flat near 0; it only lets a few more through.
  const least = Math.cos(polygon.radius) - 1e-12;
  let kept = target.kept;
  for (let i = 0; i < size; i++) {
    const px = x[i]!;
    const py = y[i]!;
    const pz = z[i]!;
    if (!(px * cx + py * cy + pz * cz >= least)) continue;
    if (polygonContains(polygon, px, py, pz)) rows[kept++] = rows[from + i]!;
  }
  return kept;
}

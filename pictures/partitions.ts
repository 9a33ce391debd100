/** Which part of the sky a catalog covers, partition by partition. */
import type { CatalogInfo, Partition } from '../catalogs/types.ts';
import { facetCellOf } from '../partitioning/facet.ts';
import { MAX_INT32_ORDER } from '../partitioning/healpix.ts';
import type { Pixel } from '../partitioning/pixel.ts';
import { type Position, positionAt } from '../partitioning/plane.ts';
import { createSkyRows, OUTSIDE, pixelNumbers } from './project.ts';
import type { SkyLine } from './sky-lines.ts';
import { type View, type ViewRequest, viewToMap } from './view.ts';

/** What colours stand for. */
export type PartitionValue = 'order' | 'rows';

/** A value of the partition at each pixel of a view: NaN where there is none, OUTSIDE off the sky. */
export function partitionGrid(
  view: View,
  partitions: readonly Partition[],
  by: PartitionValue,
): Float64Array {
  const deepest = partitions.reduce((order, { pixel }) => Math.max(order, pixel.order), 0);
  // Partitions finer than this are far smaller than an image pixel.
  const order = Math.min(deepest, MAX_INT32_ORDER);
  const { starts, ends, values } = rangesAt(order, partitions, by);
  const grid = new Float64Array(view.width * view.height);
  const numbers = new Float64Array(view.width);
  const sky = createSkyRows(view, viewToMap(view, 'C'));
  for (let row = 0; row < view.height; row++) {
    sky.read(row);
    pixelNumbers(sky.ra, sky.dec, order, numbers);
    const start = row * view.width;
    for (let i = 0; i < view.width; i++) {
      const number = numbers[i]!;
      const place = lastAtMost(starts, number);
      const isHeld = place >= 0 && number < ends[place]!;
      grid[start + i] = sky.outside[i] === 1 ? OUTSIDE : isHeld ? values[place]! : Number.NaN;
    }
  }
  return grid;
}

/** Ranges of pixel numbers at one order, ascending. */
function rangesAt(order: number, partitions: readonly Partition[], by: PartitionValue) {
  const starts = new Float64Array(partitions.length);
  const ends = new Float64Array(partitions.length);
  const values = new Float64Array(partitions.length);
  for (const [i, { pixel, rows }] of partitions.entries()) {
    const scale = 4 ** (order - pixel.order);
    starts[i] = Math.floor(pixel.pixel * scale);
    ends[i] = Math.max(starts[i]! + 1, (pixel.pixel + 1) * scale);
    values[i] = by === 'order' ? pixel.order : rows;
  }
  return { starts, ends, values };
}

/** Place of the last element that is not above `value`; −1 where all are. */
function lastAtMost(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Points on a side of an outline, coarse pixels having longer sides. */
const OUTLINE_STEPS = 16;

/** The outline of a pixel, closed. */
export function pixelOutline({ order, pixel }: Pixel): SkyLine {
  const { facet, x, y } = facetCellOf(order, pixel);
  const side = 2 ** order;
  const steps = Math.max(2, OUTLINE_STEPS >> order);
  const line: [number, number][] = [];
  const corners = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
    [0, 0],
  ] as const;
  for (let corner = 0; corner < 4; corner++) {
    const [fromX, fromY] = corners[corner]!;
    const [toX, toY] = corners[corner + 1]!;
    for (let i = corner === 0 ? 0 : 1; i <= steps; i++) {
      const t = i / steps;
      const across = (x + fromX + (toX - fromX) * t) / side;
      const up = (y + fromY + (toY - fromY) * t) / side;
      const { ra, dec } = positionAt(facet, across, up);
      line.push([ra, dec]);
    }
  }
  return line;
}

/** Catalogs that reach less far from their middle are drawn on the plane there. */
const WIDEST_ZOOM_DEGREES = 35;
const ZOOM_SPACE = 1.15;

/** Part of the sky that shows a catalog well: its surroundings, or the whole sky. */
export function viewOfPartitions(
  { partitions }: CatalogInfo,
  widths: { readonly wide: number; readonly square: number },
): ViewRequest {
  const corners = partitions.flatMap(({ pixel }) => cornersOf(pixel).map(vectorOf));
  const middle = [0, 1, 2].map((axis) => corners.reduce((sum, v) => sum + v[axis]!, 0));
  const length = Math.hypot(...middle);
  const far = corners.reduce((most, v) => {
    const cosine = (v[0] * middle[0]! + v[1] * middle[1]! + v[2] * middle[2]!) / length;
    return Math.max(most, Math.acos(Math.max(-1, Math.min(1, cosine))));
  }, 0);
  const radius = (far * 180) / Math.PI;
  const common = { frame: 'C', east: -1 } as const;
  if (partitions.length === 0 || !(radius < WIDEST_ZOOM_DEGREES)) {
    return { ...common, kind: 'mollweide', width: widths.wide, centre: [0, 0] };
  }
  const ra = (Math.atan2(middle[1]!, middle[0]!) * 180) / Math.PI;
  const dec = (Math.asin(middle[2]! / length) * 180) / Math.PI;
  const sizeDegrees = 2 * ZOOM_SPACE * radius;
  return { ...common, kind: 'gnomonic', width: widths.square, centre: [ra, dec], sizeDegrees };
}

function cornersOf({ order, pixel }: Pixel): Position[] {
  const { facet, x, y } = facetCellOf(order, pixel);
  const side = 2 ** order;
  return [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ].map(([dx, dy]) => positionAt(facet, (x + dx!) / side, (y + dy!) / side));
}

function vectorOf({ ra, dec }: Position): [number, number, number] {
  const [l, b] = [(ra * Math.PI) / 180, (dec * Math.PI) / 180];
  return [Math.cos(b) * Math.cos(l), Math.cos(b) * Math.sin(l), Math.sin(b)];
}

/**
 * Shows what falls between the image pixels. A picture looks at one point for each of its pixels, and of a map with
 * few and small pixels it would miss some: a star that is not seen is worse than one a little too large.
 */
import { collectBits, type FacetCell, facetCellOf } from '../partitioning/facet.ts';
import { MAX_INT32_ORDER } from '../partitioning/healpix.ts';
import { positionAt } from '../partitioning/plane.ts';
import { RADIANS_PER_DEGREE } from '../partitioning/sphere.ts';
import { imagePixelOf, pixelWidth } from './image-pixel.ts';
import {
  createSkyRows,
  isHeld,
  type MapData,
  OUTSIDE,
  type Projected,
  pixelNumbers,
} from './project.ts';
import { type View, viewToMap } from './view.ts';

/** HEALPix pixels so many image pixels wide are never missed. */
const SURE_PIXELS = 4;
/** Parts of the sky of which it is known whether they are in view are at least so wide, twice the step between samples. */
const PART_PIXELS = 8;
const SAMPLE_STEP = 4;
/** Steps inwards that lead into the sky from any image pixel that it reaches into. */
const RIM_STEPS = 4;
/** 3 MB of marks. */
const DEEPEST_PART = 8;

/**
 * Fills image pixels without a value with those of HEALPix pixels that have their centre there and were missed; of
 * several the greatest. Of neighbours that are together no larger than an image pixel one is enough.
 */
export function fillGaps(map: MapData, view: View, projected: Projected): void {
  const { grid, hits } = projected;
  const { order, pixels, values } = map;
  if (pixelWidth(view, order) > SURE_PIXELS || !grid.some(Number.isNaN)) return;
  const show = createPlacer(map, view, projected);
  const isInView = partsInView(map, view);
  const perGroup = 4 ** (order - groupOrder(view, order));
  for (let from = 0; from < pixels.length; ) {
    const end = (Math.floor(pixels[from]! / perGroup) + 1) * perGroup;
    let to = from;
    let isShown = 0;
    for (; to < pixels.length && pixels[to]! < end; to++) isShown |= hits[to]!;
    if (isShown === 0) {
      const best = greatestOf(values, from, to);
      if (best >= 0 && isInView(pixels[best]!)) show(best);
    }
    from = to;
  }
}

/** Place of the greatest value in [from, to); −1 where there is none. */
function greatestOf(values: Float64Array, from: number, to: number): number {
  let best = -1;
  for (let i = from; i < to; i++) {
    if (isHeld(values[i]!) && (best < 0 || values[i]! > values[best]!)) best = i;
  }
  return best;
}

/** The finest order whose pixels are not smaller than those of the image, at most that of the map. */
function groupOrder(view: View, order: number): number {
  let group = order;
  while (group > 0 && pixelWidth(view, group) < 1) group -= 1;
  return group;
}

/** Image pixels on the rim may have their centre outside of the sky: the next one inwards stands for them. */
function withinRim(view: View, grid: Float64Array, found: number): number {
  const { width, height } = view;
  const discs = view.kind === 'orthographic' && !view.halfSky ? 2 : 1;
  let at = found;
  for (let step = 0; step < RIM_STEPS && at >= 0 && grid[at] === OUTSIDE; step++) {
    const [column, row] = [at % width, Math.floor(at / width)];
    const disc = Math.floor((column * discs) / width);
    const middle = ((disc + 0.5) * width) / discs;
    at = row + (row + 0.5 < height / 2 ? 1 : -1);
    at = at * width + column + (column + 0.5 < middle ? 1 : -1);
  }
  return at >= 0 && grid[at] === OUTSIDE ? -1 : at;
}

/** Tells quickly, for most pixels of a map that are not in view, that they are not. */
function partsInView(map: MapData, view: View): (pixel: number) => boolean {
  const isWhole = view.kind === 'mollweide' || (view.kind === 'orthographic' && !view.halfSky);
  if (isWhole) return () => true;
  let partOrder = Math.min(map.order, DEEPEST_PART);
  while (partOrder > 0 && pixelWidth(view, partOrder) < PART_PIXELS) partOrder -= 1;
  const seen = new Uint8Array(12 * 4 ** partOrder);
  const sky = createSkyRows(view, viewToMap(view, map.frame ?? 'C'));
  const numbers = new Float64Array(view.width);
  for (let row = 0; row < view.height; row++) {
    const isEdge = row === 0 || row === view.height - 1;
    if (!isEdge && row % SAMPLE_STEP !== 0) continue;
    sky.read(row);
    pixelNumbers(sky.ra, sky.dec, partOrder, numbers);
    for (let i = 0; i < view.width; i++) if (sky.outside[i] === 0) seen[numbers[i]!] = 1;
  }
  const perPart = 4 ** (map.order - partOrder);
  return (pixel) => seen[Math.floor(pixel / perPart)] === 1;
}

/** As `facetCellOf`, without a BigInt for numbers of 32 bits. */
function cellOf(order: number, pixel: number): FacetCell {
  if (order > MAX_INT32_ORDER) return facetCellOf(order, pixel);
  const mask = 2 ** order - 1;
  const [x, y] = [collectBits(pixel) & mask, collectBits(pixel >>> 1) & mask];
  return { facet: pixel >>> (2 * order), x, y };
}

/** A function that shows the i-th pixel of a map, where it is in view and nothing else is seen there. */
function createPlacer(map: MapData, view: View, { grid, hits }: Projected): (i: number) => void {
  const toMap = viewToMap(view, map.frame ?? 'C');
  const filled = new Set<number>();
  const side = 2 ** map.order;
  return (i) => {
    const { facet, x, y } = cellOf(map.order, map.pixels[i]!);
    const { ra, dec } = positionAt(facet, (x + 0.5) / side, (y + 0.5) / side);
    const [l, b] = [ra * RADIANS_PER_DEGREE, dec * RADIANS_PER_DEGREE];
    const across = Math.cos(b);
    const vector = [across * Math.cos(l), across * Math.sin(l), Math.sin(b)] as const;
    const at = withinRim(view, grid, imagePixelOf(view, toMap, vector));
    if (at < 0) return;
    const value = map.values[i]!;
    const isFree = Number.isNaN(grid[at]!) || (filled.has(at) && value > grid[at]!);
    if (!isFree) return;
    grid[at] = value;
    filled.add(at);
    hits[i] = 1;
  };
}

/**
 * How the rows of a generated catalog are spread over the sky: a tree of pixels in which every node knows
 * how many stars come before it and in it, without any star being made.
 *
 * From order 5 down, a node's rows are shared out to its four children after seeded weights (patchy
 * extinction) and, here and there, a clump with a Gaussian profile. Splitting ends at **atoms** of at most
 * {@link ATOM_STARS} stars. The stars of an atom are a pure function of seed and atom, and the atoms depend
 * on rows, seed and cone alone, never on how the catalog is cut into partitions.
 */
import { MAX_PIXEL_ORDER, type Pixel } from '../../partitioning/pixel.ts';
import { ConeCover } from './cone.ts';
import { DENSITY_ORDER, runningRows, skyCoverage } from './density.ts';
import { truncatedCdf } from './normal.ts';
import { type Square, squareOf } from './place.ts';
import { drawAt, PURPOSE } from './random.ts';
import type { GenerateSpec } from './spec.ts';

/** A node with more stars is split. */
export const ATOM_STARS = 128;
/** Children differ from their mean by up to this share, at each order. */
const TEXTURE = 0.3;
/** One node in so many hosts a clump, unless it is part of one already. */
const NODES_PER_CLUMP = 50;

/** A cluster of stars with a round Gaussian profile, in units of the facet's side. */
interface Clump {
  readonly x: number;
  readonly y: number;
  readonly sigma: number;
}

/** A pixel of order 5 or finer with its rows, and the square that it is in its facet. */
export interface SkyNode extends Pixel, Square {
  /** Running star counts before and after it, real numbers; their floors count. */
  readonly from: number;
  readonly to: number;
  /** True where the edge of the cone may cross it. */
  readonly partial: boolean;
  /** Relative weights of even stars and of the clump in this node. */
  readonly field: number;
  readonly clumped: number;
  readonly clump: Clump | undefined;
}

/** Stars of a node. */
export function starsOf(node: SkyNode): number {
  return Math.floor(node.to) - Math.floor(node.from);
}

export class SkyTree {
  readonly seed: number;
  readonly stars: number;
  readonly cone: ConeCover | undefined;
  private readonly running: Float64Array;

  constructor(spec: Pick<GenerateSpec, 'rows' | 'seed' | 'cone'>) {
    this.seed = spec.seed;
    this.stars = spec.rows;
    this.cone = spec.cone === undefined ? undefined : new ConeCover(spec.cone);
    this.running = runningRows(spec.rows, skyCoverage(this.cone));
  }

  /** Running star counts (integers) before and after a pixel of order 5 or coarser. */
  range({ order, pixel }: Pixel): { from: number; to: number } {
    const span = 4 ** (DENSITY_ORDER - order);
    const from = Math.floor(this.running[pixel * span]!);
    return { from, to: Math.floor(this.running[(pixel + 1) * span]!) };
  }

  /** The node of an order-5 pixel. */
  root(pixel: number): SkyNode {
    const order = DENSITY_ORDER;
    return {
      order,
      pixel,
      ...squareOf({ order, pixel }),
      from: this.running[pixel]!,
      to: this.running[pixel + 1]!,
      partial: this.cone !== undefined && !this.cone.containsPixel({ order, pixel }),
      field: 1,
      clumped: 0,
      clump: undefined,
    };
  }

  /** The node of a pixel of order 5 or finer; undefined where the tree ends at a coarser atom. */
  node(target: Pixel): SkyNode | undefined {
    const span = 4 ** (target.order - DENSITY_ORDER);
    let node: SkyNode | undefined = this.root(Math.floor(target.pixel / span));
    while (node !== undefined && node.order < target.order) {
      const digit: number = Math.floor(target.pixel / 4 ** (target.order - node.order - 1)) % 4;
      node = this.split(node)?.[digit];
    }
    return node;
  }

  /** The four children in NESTED order; undefined for an atom. */
  split(node: SkyNode): SkyNode[] | undefined {
    if (node.order >= MAX_PIXEL_ORDER) return undefined;
    if (starsOf(node) <= ATOM_STARS && !this.isCoarse(node)) return undefined;
    const host = this.withClump(node);
    const even = this.evenWeights(host);
    const evenSum = sum(even);
    // The cone's edge passes between the points that measure coverage: the stars stay together.
    if (evenSum === 0) return undefined;
    const inClump = clumpWeights(host);
    const clumpSum = sum(inClump) || 1;
    const field = even.map((weight) => (host.field * weight) / evenSum);
    const clumped = inClump.map((weight) => (host.clumped * weight) / clumpSum);
    return this.children(host, field, clumped);
  }

  /** True where a cone is so small in the node that points drawn in the node would hardly ever hit it. */
  private isCoarse(node: SkyNode): boolean {
    return node.partial && starsOf(node) > 0 && node.order < this.cone!.fineOrder;
  }

  private children(node: SkyNode, field: number[], clumped: number[]): SkyNode[] {
    const weights = field.map((weight, i) => weight + clumped[i]!);
    const total = sum(weights);
    const side = node.side / 2;
    const out: SkyNode[] = [];
    let passed = 0;
    let from = node.from;
    for (let i = 0; i < 4; i++) {
      const weight = weights[i]!;
      // Summed as the total is: ends meet exactly, and what follows the last weight has no stars.
      passed += weight;
      const to =
        passed === total
          ? node.to
          : Math.min(node.from + (node.to - node.from) * (passed / total), node.to);
      const pixel = node.pixel * 4 + i;
      const order = node.order + 1;
      const inClump = clumped[i]! > field[i]! * 1e-3;
      out.push({
        order,
        pixel,
        facet: node.facet,
        x: node.x + (i & 1) * side,
        y: node.y + (i >> 1) * side,
        side,
        from,
        to,
        partial: node.partial && weight > 0 && !this.cone!.containsPixel({ order, pixel }),
        field: field[i]!,
        clumped: inClump ? clumped[i]! : 0,
        clump: inClump ? node.clump : undefined,
      });
      from = to;
    }
    return out;
  }

  private evenWeights(node: SkyNode): number[] {
    const order = node.order + 1;
    return [0, 1, 2, 3].map((i) => {
      const pixel = node.pixel * 4 + i;
      const texture = 1 + TEXTURE * (2 * drawAt(this.seed, PURPOSE.texture, order, pixel) - 1);
      return node.partial ? texture * this.cone!.coverage({ order, pixel }) : texture;
    });
  }

  /** The node itself or, by lot, the node as the host of a new clump. */
  private withClump(node: SkyNode): SkyNode {
    if (node.clump !== undefined || node.partial) return node;
    const { seed } = this;
    const { order, pixel, side } = node;
    const lot = drawAt(seed, PURPOSE.clump, order, pixel) * NODES_PER_CLUMP;
    if (lot >= 1) return node;
    // Four more draws of the same place come from child numbers, which no other clump asks for.
    const [x, y, size, share] = [0, 1, 2, 3].map((i) =>
      drawAt(seed, PURPOSE.clump, order + 64, pixel * 4 + i),
    ) as [number, number, number, number];
    const clump = {
      x: node.x + side * (0.25 + 0.5 * x),
      y: node.y + side * (0.25 + 0.5 * y),
      sigma: side * (0.02 + 0.04 * size),
    };
    const clumped = 0.3 + 0.4 * share;
    return { ...node, field: 1 - clumped, clumped, clump };
  }
}

function clumpWeights(node: SkyNode): number[] {
  const { clump } = node;
  if (clump === undefined) return [0, 0, 0, 0];
  const side = node.side / 2;
  const [west, east] = halves(node.x, side, clump.x, clump.sigma);
  const [south, north] = halves(node.y, side, clump.y, clump.sigma);
  return [west * south, east * south, west * north, east * north];
}

/** Shares of a clump along one axis in the lower and the upper half of a node. */
function halves(start: number, side: number, centre: number, sigma: number): [number, number] {
  const middle = truncatedCdf((start + side - centre) / sigma);
  const lower = middle - truncatedCdf((start - centre) / sigma);
  return [lower, truncatedCdf((start + 2 * side - centre) / sigma) - middle];
}

function sum(values: readonly number[]): number {
  return values[0]! + values[1]! + values[2]! + values[3]!;
}

let latest: { key: string; tree: SkyTree } | undefined;

/** The tree of a catalog of stars; the one asked for last is kept, since a thread makes cell after cell of it. */
export function skyTreeOf({ rows, seed, cone }: GenerateSpec): SkyTree {
  const key = JSON.stringify([rows, seed, cone?.ra, cone?.dec, cone?.radiusArcsec]);
  if (latest?.key !== key) latest = { key, tree: new SkyTree({ rows, seed, cone }) };
  return latest.tree;
}

/** Random points within one atom: even, in its clump, at its edge, next to another star. */
import { CrosshatchError } from '../../partitioning/error.ts';
import { pixelText } from '../../partitioning/pixel.ts';
import { positionAt } from '../../partitioning/plane.ts';
import { RADIANS_PER_ARCSEC } from '../../partitioning/sphere.ts';
import type { ConeCover } from './cone.ts';
import { normalQuantile, truncatedCdf, truncatedQuantile } from './normal.ts';
import { sideRadians } from './place.ts';
import { type Purpose, RandomStream } from './random.ts';
import type { SkyNode, SkyTree } from './tree.ts';

/** Positions of stars in degrees, and in units of the side of their atom. */
export interface Places {
  readonly ra: Float64Array;
  readonly dec: Float64Array;
  readonly x: Float64Array;
  readonly y: Float64Array;
}

export function createPlaces(rows: number): Places {
  return {
    ra: new Float64Array(rows),
    dec: new Float64Array(rows),
    x: new Float64Array(rows),
    y: new Float64Array(rows),
  };
}

/** Points keep this far from the edges, so that rounding to degrees and back cannot move them out. */
const INSET = 2 ** -20;
/** Typical distance of an edge point from the edge. */
const EDGE_ARCSEC = 0.1;
/** Share of an atom's points drawn at an edge that it shares with no coarser pixel. */
const EDGE_SHARE = 1 / 1024;
/** An edge of a pixel k orders coarser has 2ᵏ times the share, up to this many times. */
const MAX_EDGE_FACTOR = 16;
/** A cone covers at least some 1/500 of every atom with stars. */
const MAX_TRIES = 1_000_000;

export class PointSource {
  readonly stream = new RandomStream();
  private readonly cone: ConeCover | undefined;
  private readonly seed: number;
  private x = 0;
  private y = 0;
  private atom!: SkyNode;
  private sidesPerRadian = 0;
  private clumpShare = 0;
  /** Start and span of the clump's probability over the atom, and the atom's start and side in sigmas. */
  private readonly clumpX = new Float64Array(4);
  private readonly clumpY = new Float64Array(4);
  /** Running shares of the four edges: lower and upper x, lower and upper y. */
  private readonly edges = new Float64Array(4);
  private tries = 0;

  constructor(tree: SkyTree, seed: number) {
    this.cone = tree.cone;
    this.seed = seed;
  }

  /** Turns to another atom. */
  begin(atom: SkyNode, purpose: Purpose): void {
    this.atom = atom;
    this.stream.startAt(this.seed, purpose, atom.order, atom.pixel);
    this.sidesPerRadian = 1 / sideRadians(atom.order);
    this.tries = 0;
    const { clump, clumped, field, x, y, side } = atom;
    this.edges[0] = edgeShare(x / side);
    this.edges[1] = this.edges[0] + edgeShare(x / side + 1);
    this.edges[2] = this.edges[1] + edgeShare(y / side);
    this.edges[3] = this.edges[2] + edgeShare(y / side + 1);
    this.clumpShare = clumped / (clumped + field);
    if (clump === undefined) return;
    profileAlong(x - clump.x, side, clump.sigma, this.clumpX);
    profileAlong(y - clump.y, side, clump.sigma, this.clumpY);
  }

  /** A point after the atom's own profile: even, with its part of a clump. */
  draw(): void {
    const { stream } = this;
    const inClump = this.clumpShare > 0 && stream.uniform() < this.clumpShare;
    const u = stream.uniform();
    const v = stream.uniform();
    this.x = inClump ? clumpPoint(this.clumpX, u) : insetOf(u);
    this.y = inClump ? clumpPoint(this.clumpY, v) : insetOf(v);
  }

  /** Share of the atom's points that {@link drawAtEdge} is meant to draw. */
  get edgeShare(): number {
    return this.edges[3]!;
  }

  /** A point within tenths of an arcsecond of one of the four edges, most often one of coarse pixels. */
  drawAtEdge(): void {
    const { stream, edges } = this;
    const lot = stream.uniform() * edges[3]!;
    const atX = lot < edges[1]!;
    const atLower = atX ? lot < edges[0]! : lot < edges[2]!;
    const along = insetOf(stream.uniform());
    const arcsec = EDGE_ARCSEC * Math.abs(normalQuantile(stream.uniform()));
    const off = Math.min(0.5, INSET + arcsec * RADIANS_PER_ARCSEC * this.sidesPerRadian);
    const across = atLower ? off : 1 - off;
    this.x = atX ? across : along;
    this.y = atX ? along : across;
  }

  /**
   * A point at about `least` to `most` arcseconds (evenly in the logarithm) from place `i` of this atom;
   * an ordinary point where that leaves the atom on both sides.
   */
  drawNear(places: Places, i: number, least: number, most: number): void {
    const { stream } = this;
    const arcsec = least * (most / least) ** stream.uniform();
    const angle = stream.uniform() * 2 * Math.PI;
    const length = arcsec * RADIANS_PER_ARCSEC * this.sidesPerRadian;
    const dx = length * Math.cos(angle);
    const dy = length * Math.sin(angle);
    const x = places.x[i]!;
    const y = places.y[i]!;
    if (isInset(x + dx) && isInset(y + dy)) {
      this.x = x + dx;
      this.y = y + dy;
    } else if (isInset(x - dx) && isInset(y - dy)) {
      this.x = x - dx;
      this.y = y - dy;
    } else {
      this.draw();
    }
  }

  /** Writes the point drawn last to place `i`; false when it is outside the cone and must be drawn again. */
  write(out: Places, i: number): boolean {
    const { atom, x, y } = this;
    const position = positionAt(atom.facet, atom.x + atom.side * x, atom.y + atom.side * y);
    if (atom.partial && !this.cone!.contains(position.ra, position.dec)) {
      if (++this.tries < MAX_TRIES) return false;
      const what = 'found no point inside the cone';
      throw new CrosshatchError({
        tag: 'internal',
        what,
        where: `generation atom ${pixelText(atom)}`,
      });
    }
    out.ra[i] = position.ra;
    out.dec[i] = position.dec;
    out.x[i] = x;
    out.y[i] = y;
    return true;
  }
}

/** Share of the edge at a whole number of the atom's sides from its facet's border. */
function edgeShare(at: number): number {
  // The lowest bit that is set: 2^k where the edge is one of a pixel k orders coarser; 0 at the border.
  const factor = at & -at;
  return EDGE_SHARE * (factor === 0 ? MAX_EDGE_FACTOR : Math.min(factor, MAX_EDGE_FACTOR));
}

function profileAlong(start: number, side: number, sigma: number, out: Float64Array): void {
  const below = truncatedCdf(start / sigma);
  out[0] = below;
  out[1] = truncatedCdf((start + side) / sigma) - below;
  out[2] = start / sigma;
  out[3] = side / sigma;
}

function clumpPoint(profile: Float64Array, u: number): number {
  const sigmas = truncatedQuantile(profile[0]! + u * profile[1]!);
  const at = (sigmas - profile[2]!) / profile[3]!;
  // Rounding at the atom's edge.
  return isInset(at) ? at : insetOf(u);
}

function insetOf(u: number): number {
  return INSET + u * (1 - 2 * INSET);
}

function isInset(at: number): boolean {
  return at > INSET && at < 1 - INSET;
}

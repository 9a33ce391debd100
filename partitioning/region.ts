/** Regions of the sky that a search can ask for: plain data that survives JSON. */
import { requestError } from './error.ts';
import { checkPixel, INDEX_ORDER, type Pixel } from './pixel.ts';
import { preparePolygon } from './polygon.ts';
import { rangesFromText } from './ranges.ts';

/** All angles in degrees unless named otherwise; any finite right ascension, wrapped to [0, 360). */
export type Region =
  /** A circle; its border belongs to it. */
  | {
      readonly kind: 'cone';
      readonly ra: number;
      readonly dec: number;
      readonly radiusArcsec: number;
    }
  /**
   * Between two meridians and two parallels, border included. Right ascension runs eastward from the first to
   * the second value, over 0 when the first is the greater, all around when both are the same once wrapped.
   */
  | {
      readonly kind: 'box';
      readonly ra: readonly [from: number, to: number];
      readonly dec: readonly [from: number, to: number];
    }
  /** Great-circle edges, either winding, convex or concave; inside is the side below half the sky. */
  | {
      readonly kind: 'polygon';
      readonly vertices: readonly (readonly [ra: number, dec: number])[];
    }
  /** A MOC: bounds start, end, … of the order-29 index as decimal texts. */
  | { readonly kind: 'moc'; readonly ranges: readonly string[] }
  /** The sky of some pixels, which may overlap. */
  | { readonly kind: 'pixels'; readonly pixels: readonly Pixel[] }
  /** Partitions of these orders, both included; says nothing about the sky. */
  | { readonly kind: 'orders'; readonly min: number; readonly max: number }
  /** What all of the regions have in common. */
  | { readonly kind: 'and'; readonly regions: readonly Region[] };

/** Radius of a cone that is the whole sky. */
const HALF_TURN_ARCSEC = 180 * 3600;

/**
 * Refuses what is not a region; returns it otherwise.
 * @throws request error naming the value that is wrong
 */
export function checkRegion(region: Region): Region {
  switch (region.kind) {
    case 'cone':
      checkPosition('cone', region.ra, region.dec);
      if (!(region.radiusArcsec > 0 && region.radiusArcsec <= HALF_TURN_ARCSEC)) {
        throw requestError(
          `cone radius ${region.radiusArcsec} is not above 0 and at most ${HALF_TURN_ARCSEC} arcsec`,
          'The radius is in arcseconds: 1 degree is 3600.',
        );
      }
      break;
    case 'box':
      checkBox(region.ra, region.dec);
      break;
    case 'polygon':
      if (!Array.isArray(region.vertices)) throw requestError('polygon has no list of vertices');
      for (const vertex of region.vertices) {
        const [ra, dec] = checkPair('polygon vertex', vertex);
        checkPosition('polygon vertex', ra, dec);
      }
      preparePolygon(region);
      break;
    case 'moc':
      if (!Array.isArray(region.ranges)) throw requestError('MOC region has no list of ranges');
      rangesFromText(region.ranges);
      break;
    case 'pixels':
      checkPixels(region.pixels);
      break;
    case 'orders':
      checkOrders(region.min, region.max);
      break;
    case 'and':
      if (!Array.isArray(region.regions) || region.regions.length === 0) {
        throw requestError('a combination of regions needs at least one region');
      }
      for (const part of region.regions) checkRegion(part);
      break;
    default:
      throw unknownKind(region);
  }
  return region;
}

/** For the `default` branch of a switch over kinds: does not compile while a kind is forgotten. */
export function unknownKind(region: never): Error {
  const kind = JSON.stringify((region as { kind?: unknown } | undefined)?.kind);
  return requestError(
    `region kind ${kind} does not exist`,
    'Kinds are cone, box, polygon, moc, pixels, orders and and.',
  );
}

function checkPosition(what: string, ra: number, dec: number): void {
  checkAngle(`${what} ra`, ra);
  checkDec(what, dec);
}

function checkAngle(what: string, angle: number): void {
  if (!Number.isFinite(angle)) throw requestError(`${what} ${angle} is not an angle in degrees`);
}

function checkDec(what: string, dec: number): void {
  if (!(typeof dec === 'number' && dec >= -90 && dec <= 90)) {
    throw requestError(`${what} dec ${dec} is not between -90 and 90 degrees`);
  }
}

function checkPair(what: string, pair: readonly number[]): readonly [number, number] {
  const [first, second] = Array.isArray(pair) && pair.length === 2 ? pair : [];
  if (first !== undefined && second !== undefined) return [first, second];
  throw requestError(`${what} ${JSON.stringify(pair)} is not a pair of numbers`);
}

function checkBox(raBounds: readonly number[], decBounds: readonly number[]): void {
  for (const ra of checkPair('box ra', raBounds)) checkAngle('box ra', ra);
  const [south, north] = checkPair('box dec', decBounds);
  checkDec('box', south);
  checkDec('box', north);
  if (!(south < north)) {
    throw requestError(
      `box dec from ${south} to ${north} does not ascend`,
      'Give the southern bound first; right ascension alone may run over 0.',
    );
  }
}

function checkPixels(pixels: readonly Pixel[]): void {
  if (!Array.isArray(pixels) || pixels.length === 0) {
    throw requestError('a pixel search needs at least one pixel');
  }
  for (const { order, pixel } of pixels) {
    try {
      checkPixel(order, pixel);
    } catch (error) {
      throw requestError((error as Error).message);
    }
  }
}

function checkOrders(min: number, max: number): void {
  for (const order of [min, max]) {
    if (!Number.isInteger(order) || order < 0 || order > INDEX_ORDER) {
      throw requestError(`HEALPix order ${order} is not an integer from 0 to ${INDEX_ORDER}`);
    }
  }
  if (min > max) throw requestError(`lowest order ${min} is above the highest, ${max}`);
}

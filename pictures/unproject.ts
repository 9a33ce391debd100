/**
 * From points of the picture's plane to directions. Formulas: Snyder 1987, Map Projections – A Working Manual
 * (USGS Professional Paper 1395), on the unit sphere, with planes scaled as healpy scales them:
 * Mollweide x in [-2, 2], y in [-1, 1]; orthographic discs of radius 1; gnomonic tangents; cartesian degrees.
 */
import { RADIANS_PER_DEGREE } from '../partitioning/sphere.ts';
import type { View } from './view.ts';

/** Unit vectors, x towards the centre of the view, z to its north; x is NaN outside of the sky. */
export interface Directions {
  readonly x: Float64Array;
  readonly y: Float64Array;
  readonly z: Float64Array;
}

/** Directions of the pixel centres of one row of a view, row 0 at the top. */
export function unprojectRow(view: View, row: number, out: Directions): void {
  rowWriter(view)(view, view.top - row * view.stepY, out);
}

function rowWriter(view: View): (view: View, planeY: number, out: Directions) => void {
  switch (view.kind) {
    case 'mollweide':
      return mollweideRow;
    case 'orthographic':
      return view.halfSky ? discRow : discsRow;
    case 'gnomonic':
      return gnomonicRow;
    case 'cartesian':
      return cartesianRow;
    default:
      throw new Error(`unknown view ${view.kind satisfies never}`);
  }
}

function mollweideRow(view: View, planeY: number, out: Directions): void {
  const { width, left, stepX, east } = view;
  const { x, y, z } = out;
  const c = Math.sqrt((1 - planeY) * (1 + planeY));
  const up = (2 / Math.PI) * (Math.asin(planeY) + planeY * c);
  const across = Math.sqrt((1 - up) * (1 + up));
  const perX = (east * (Math.PI / 2)) / Math.max(c, 1e-6);
  const limit = 1 - planeY * planeY;
  for (let i = 0; i < width; i++) {
    const planeX = left + i * stepX;
    if (planeX * planeX * 0.25 > limit) {
      x[i] = Number.NaN;
      continue;
    }
    const longitude = planeX * perX;
    x[i] = across * Math.cos(longitude);
    y[i] = across * Math.sin(longitude);
    z[i] = up;
  }
}

function discRow(view: View, planeY: number, out: Directions): void {
  const { width, left, stepX, east } = view;
  const { x, y, z } = out;
  for (let i = 0; i < width; i++) {
    const planeX = left + i * stepX;
    const depth = 1 - planeX * planeX - planeY * planeY;
    x[i] = depth < 0 ? Number.NaN : Math.sqrt(depth);
    y[i] = east * planeX;
    z[i] = planeY;
  }
}

/** The hemisphere around the centre on the left; the opposite one, turned about the poles, on the right. */
function discsRow(view: View, planeY: number, out: Directions): void {
  const { width, left, stepX, east } = view;
  const { x, y, z } = out;
  for (let i = 0; i < width; i++) {
    const planeX = left + i * stepX;
    const side = planeX > 0 ? -1 : 1;
    const fromCentre = planeX + side;
    const depth = 1 - fromCentre * fromCentre - planeY * planeY;
    x[i] = depth < 0 ? Number.NaN : side * Math.sqrt(depth);
    y[i] = side * east * fromCentre;
    z[i] = planeY;
  }
}

function gnomonicRow(view: View, planeY: number, out: Directions): void {
  const { width, left, stepX, east } = view;
  const { x, y, z } = out;
  for (let i = 0; i < width; i++) {
    const planeX = left + i * stepX;
    const shrink = 1 / Math.sqrt(1 + planeX * planeX + planeY * planeY);
    x[i] = shrink;
    y[i] = east * shrink * planeX;
    z[i] = shrink * planeY;
  }
}

function cartesianRow(view: View, planeY: number, out: Directions): void {
  const { width, left, stepX, east } = view;
  const { x, y, z } = out;
  const latitude = planeY * RADIANS_PER_DEGREE;
  const across = Math.cos(latitude);
  const up = Math.sin(latitude);
  for (let i = 0; i < width; i++) {
    const longitude = east * (left + i * stepX) * RADIANS_PER_DEGREE;
    x[i] = across * Math.cos(longitude);
    y[i] = across * Math.sin(longitude);
    z[i] = up;
  }
}

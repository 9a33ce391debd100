/** From directions to image pixels: the inverse of `unprojectRow`, for single points. */
import type { Matrix } from './frame.ts';
import type { View } from './view.ts';

/** Newton's steps for the latitude of Mollweide's projection: to a thousandth of a pixel at the poles too. */
const MOLLWEIDE_STEPS = 40;

/**
 * The image pixel, counted row after row from the top, in which a unit vector of the map's frame is seen; −1 where it
 * is not seen.
 * @param toMap what turns vectors of the view into those of the map
 */
export function imagePixelOf(
  view: View,
  toMap: Matrix,
  [x, y, z]: readonly [number, number, number],
): number {
  // The inverse of a rotation is its transpose.
  const vx = toMap[0]! * x + toMap[3]! * y + toMap[6]! * z;
  const vy = toMap[1]! * x + toMap[4]! * y + toMap[7]! * z;
  const vz = toMap[2]! * x + toMap[5]! * y + toMap[8]! * z;
  const point = planePoint(view, vx, vy, vz);
  if (point === undefined) return -1;
  const column = Math.round((point[0] - view.left) / view.stepX);
  const row = Math.round((view.top - point[1]) / view.stepY);
  const isSeen = column >= 0 && column < view.width && row >= 0 && row < view.height;
  return isSeen ? row * view.width + column : -1;
}

function planePoint(
  view: View,
  x: number,
  y: number,
  z: number,
): [x: number, y: number] | undefined {
  const { east } = view;
  switch (view.kind) {
    case 'mollweide': {
      const angle = mollweideAngle(z);
      return [east * (2 / Math.PI) * Math.atan2(y, x) * Math.cos(angle), Math.sin(angle)];
    }
    case 'orthographic': {
      if (view.halfSky) return x > 0 ? [east * y, z] : undefined;
      return x > 0 ? [east * y - 1, z] : [1 - east * y, z];
    }
    case 'gnomonic':
      return x > 1e-9 ? [(east * y) / x, z / x] : undefined;
    case 'cartesian': {
      const degrees = 180 / Math.PI;
      return [east * Math.atan2(y, x) * degrees, Math.asin(Math.max(-1, Math.min(1, z))) * degrees];
    }
    default:
      throw new Error(`unknown view ${view.kind satisfies never}`);
  }
}

/** Solves 2θ + sin 2θ = π sin φ for θ, given sin φ. */
export function mollweideAngle(sine: number): number {
  if (Math.abs(sine) >= 1) return (Math.sign(sine) * Math.PI) / 2;
  const target = Math.PI * sine;
  let double = 1.6 * Math.asin(sine);
  for (let i = 0; i < MOLLWEIDE_STEPS; i++) {
    const step = (double + Math.sin(double) - target) / (1 + Math.cos(double) + 1e-12);
    double -= step;
    if (Math.abs(step) < 1e-9) break;
  }
  return double / 2;
}

/** About how wide, in image pixels, a HEALPix pixel of an order is. */
export function pixelWidth(view: View, order: number): number {
  const radians = Math.sqrt(Math.PI / 3) / 2 ** order;
  switch (view.kind) {
    case 'gnomonic':
    case 'orthographic':
      return radians / view.stepX;
    case 'mollweide':
      return (radians * 2) / Math.PI / view.stepX;
    case 'cartesian':
      return (radians * 180) / Math.PI / view.stepX;
    default:
      throw new Error(`unknown view ${view.kind satisfies never}`);
  }
}

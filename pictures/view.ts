/**
 * How a part of the sky lies on a grid of image pixels. Grids are those of healpy for the same sizes: the centres
 * of the outermost pixels lie on the edge of the sky or of the range.
 */
import {
  centreRotation,
  type Frame,
  frameRotation,
  type Matrix,
  product,
  transposed,
} from './frame.ts';

export type ViewKind = 'mollweide' | 'orthographic' | 'gnomonic' | 'cartesian';

/** Plain data; the plane's units are those of `unprojectRow`. */
export interface View {
  readonly kind: ViewKind;
  /** Image pixels. */
  readonly width: number;
  readonly height: number;
  /** Plane coordinates of the centre of the pixel at the upper left. */
  readonly left: number;
  readonly top: number;
  /** From one pixel to the next: to the right, and down. */
  readonly stepX: number;
  readonly stepY: number;
  /** −1: east is to the left, as seen from inside the sphere; 1: to the right. */
  readonly east: -1 | 1;
  /** Orthographic only: one hemisphere instead of two side by side. */
  readonly halfSky: boolean;
  /** Frame of the picture. */
  readonly frame: Frame;
  /** Longitude and latitude in `frame`, degrees, of the centre. */
  readonly centre: readonly [longitude: number, latitude: number];
}

export interface ViewRequest {
  readonly kind: ViewKind;
  readonly width: number;
  readonly frame: Frame;
  readonly centre: readonly [longitude: number, latitude: number];
  readonly east: -1 | 1;
  readonly halfSky?: boolean;
  /** Gnomonic only: angle across the picture. */
  readonly sizeDegrees?: number;
  /** Cartesian only: from the centre, [-180, 180] and [-90, 90] where absent. */
  readonly longitudeRange?: readonly [from: number, to: number];
  readonly latitudeRange?: readonly [from: number, to: number];
}

/** The view for a request that is known to be sound. */
export function createView(request: ViewRequest): View {
  const { kind, frame, centre, east } = request;
  const halfSky = kind === 'orthographic' && request.halfSky === true;
  const common = { kind, frame, centre, east, halfSky };
  switch (kind) {
    case 'mollweide':
      return { ...common, ...grid(request.width, request.width >> 1, [-2, 2], [-1, 1]) };
    case 'orthographic':
      return halfSky
        ? { ...common, ...grid(request.width, request.width, [-1, 1], [-1, 1]) }
        : { ...common, ...grid(request.width, request.width >> 1, [-2, 2], [-1, 1]) };
    case 'gnomonic': {
      const half = Math.tan(((request.sizeDegrees ?? 10) * Math.PI) / 360);
      const step = (2 * half) / request.width;
      const reach = 0.5 * (request.width - 1) * step;
      const range = [-reach, reach] as const;
      return { ...common, ...grid(request.width, request.width, range, range) };
    }
    case 'cartesian': {
      const [from, to] = request.longitudeRange ?? [-180, 180];
      const latitudes = request.latitudeRange ?? [-90, 90];
      const range = east < 0 ? ([-to, -from] as const) : ([from, to] as const);
      const ratio = (latitudes[1] - latitudes[0]) / (to - from);
      const height = Math.max(2, Math.round(ratio * request.width));
      return { ...common, ...grid(request.width, height, range, latitudes) };
    }
    default:
      throw new Error(`unknown view ${kind satisfies never}`);
  }
}

function grid(
  width: number,
  height: number,
  [left, right]: readonly [number, number],
  [bottom, top]: readonly [number, number],
) {
  const stepX = (right - left) / (width - 1);
  const stepY = (top - bottom) / (height - 1);
  return { width, height, left, top, stepX, stepY };
}

/** Turns vectors of a view, whose x axis points to the centre, into those of a map's frame. */
export function viewToMap(view: View, mapFrame: Frame): Matrix {
  const [longitude, latitude] = view.centre;
  const toView = centreRotation(longitude, latitude);
  return transposed(product(toView, frameRotation(mapFrame, view.frame)));
}

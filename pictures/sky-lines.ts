/** Lines on the sky as lines of a picture: cut where they leave it, bent as finely as the eye can tell. */
import { type GeoProjection, geoPath, geoProjection } from 'd3-geo';
import { mollweideAngle } from './image-pixel.ts';
import type { Line } from './scene.ts';
import type { View } from './view.ts';

/** Positions in degrees; short pieces, since what lies between two is drawn as a great circle. */
export type SkyLine = readonly (readonly [longitude: number, latitude: number])[];

/** Where the upper left corner of the image of a view lies in the picture. */
export interface Place {
  readonly x: number;
  readonly y: number;
}

/** How far, in pixels, a drawn line may stray. */
const PRECISION = 0.2;

/** Turns positions of a view's frame into points of the picture. */
export interface SkyPen {
  /** The lines that a line on the sky becomes. */
  draw(line: SkyLine): Line[];
  /** The points where a position is seen: none, one, or two on the rim between two hemispheres. */
  pointsOf(longitude: number, latitude: number): [x: number, y: number][];
}

export function createSkyPen(view: View, place: Place): SkyPen {
  const projections = projectionsOf(view, place);
  return {
    draw: (line) => projections.flatMap((projection) => drawnLines(projection, line)),
    pointsOf: (longitude, latitude) =>
      projections.flatMap((projection) => visiblePoint(projection, longitude, latitude)),
  };
}

type Raw = (lambda: number, phi: number) => [number, number];

function projectionsOf(view: View, place: Place): GeoProjection[] {
  const [longitude, latitude] = view.centre;
  const scale = (raw: Raw): Raw => {
    return (lambda, phi) => {
      const [x, y] = raw(lambda, phi);
      return [x / view.stepX, y / view.stepY];
    };
  };
  const project = (raw: Raw, planeX: number, rotation: [number, number]) =>
    geoProjection(scale(raw))
      .scale(1)
      .translate([
        place.x + 0.5 + (planeX - view.left) / view.stepX,
        place.y + 0.5 + view.top / view.stepY,
      ])
      .reflectX(view.east < 0)
      .rotate(rotation)
      .precision(PRECISION);
  const front: [number, number] = [-longitude, -latitude];
  switch (view.kind) {
    case 'mollweide':
      return [project(mollweide, 0, front)];
    case 'orthographic': {
      const back: [number, number] = [-longitude - 180, latitude];
      const discs = view.halfSky
        ? [project(orthographic, 0, front)]
        : [project(orthographic, -1, front), project(orthographic, 1, back)];
      return discs.map((disc) => disc.clipAngle(90));
    }
    case 'gnomonic':
      return [project(gnomonic, 0, front).clipAngle(89).clipExtent(extentOf(view, place))];
    case 'cartesian':
      return [project(cartesian, 0, front).clipExtent(extentOf(view, place))];
    default:
      throw new Error(`unknown view ${view.kind satisfies never}`);
  }
}

function extentOf(view: View, { x, y }: Place): [[number, number], [number, number]] {
  return [
    [x, y],
    [x + view.width, y + view.height],
  ];
}

function mollweide(lambda: number, phi: number): [number, number] {
  const angle = mollweideAngle(Math.sin(phi));
  return [(2 / Math.PI) * lambda * Math.cos(angle), Math.sin(angle)];
}

function orthographic(lambda: number, phi: number): [number, number] {
  return [Math.cos(phi) * Math.sin(lambda), Math.sin(phi)];
}

function gnomonic(lambda: number, phi: number): [number, number] {
  const depth = Math.cos(phi) * Math.cos(lambda);
  return [(Math.cos(phi) * Math.sin(lambda)) / depth, Math.sin(phi) / depth];
}

function cartesian(lambda: number, phi: number): [number, number] {
  return [(lambda * 180) / Math.PI, (phi * 180) / Math.PI];
}

function drawnLines(projection: GeoProjection, line: SkyLine): Line[] {
  const lines: number[][] = [];
  const context = {
    beginPath: () => undefined,
    closePath: () => undefined,
    arc: () => undefined,
    moveTo: (x: number, y: number) => {
      lines.push([x, y]);
    },
    lineTo: (x: number, y: number) => {
      lines.at(-1)?.push(x, y);
    },
  };
  const coordinates = line.map(([longitude, latitude]) => [longitude, latitude]);
  geoPath(projection, context)({ type: 'LineString', coordinates });
  return lines.filter((points) => points.length > 2).map((points) => Float64Array.from(points));
}

function visiblePoint(
  projection: GeoProjection,
  longitude: number,
  latitude: number,
): [number, number][] {
  const found: [number, number][] = [];
  const context = {
    beginPath: () => undefined,
    closePath: () => undefined,
    lineTo: () => undefined,
    moveTo: () => undefined,
    arc: (x: number, y: number) => {
      found.push([x, y]);
    },
  };
  geoPath(projection, context)({ type: 'Point', coordinates: [longitude, latitude] });
  return found;
}

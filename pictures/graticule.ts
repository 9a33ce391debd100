/** Meridians and parallels of a view, and where their numbers stand. */
import { digitsFor, fixedText } from './number-text.ts';
import { createSkyRows } from './project.ts';
import type { Line } from './scene.ts';
import { createSkyPen, type Place, type SkyLine, type SkyPen } from './sky-lines.ts';
import { type View, viewToMap } from './view.ts';

export interface GraticuleLabel {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  /** Below the lower edge, left of the left edge or rim, or on the map itself. */
  readonly side: 'bottom' | 'left' | 'map';
}

export interface Graticule {
  readonly lines: readonly Line[];
  readonly labels: readonly GraticuleLabel[];
}

/** Spacings of lines, degrees: the widest that gives enough of them is taken. */
const STEPS = [30, 20, 15, 10, 5, 2, 1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
const FEWEST_LINES = 4;
/** Points of a line, so that the great circles between them follow a parallel. */
const POINTS = 144;

export function graticuleOf(view: View, place: Place): Graticule {
  const pen = createSkyPen(view, place);
  return isFramed(view) ? framedGraticule(view, place, pen) : wholeSkyGraticule(view, pen);
}

/** Views that end at the sides of a rectangle, where a scale can stand. */
export function isFramed(view: View): boolean {
  return view.kind === 'gnomonic' || view.kind === 'cartesian';
}

function wholeSkyGraticule(view: View, pen: SkyPen): Graticule {
  const step = 30;
  const longitudes = evenly(0, 360 - step, step);
  const latitudes = evenly(-90 + step, 90 - step, step);
  const lines = [
    ...longitudes.map((longitude) => meridian(longitude, -90, 90)),
    ...latitudes.map((latitude) => parallel(latitude, -180, 180)),
  ].flatMap((line) => pen.draw(line));
  return { lines, labels: wholeSkyLabels(view, pen, longitudes, latitudes) };
}

/** Longitudes along the equator of the frame, latitudes at the left rim or, where it is tilted, up the middle. */
function wholeSkyLabels(
  view: View,
  pen: SkyPen,
  longitudes: readonly number[],
  latitudes: readonly number[],
): GraticuleLabel[] {
  const [longitude, latitude] = view.centre;
  const labels: GraticuleLabel[] = [];
  const add = (text: string, point: readonly number[], side: GraticuleLabel['side']) =>
    labels.push({ text, x: point[0]!, y: point[1]!, side });
  for (const at of longitudes) {
    for (const point of pen.pointsOf(at, 0)) add(`${at}°`, point, 'map');
  }
  const isUpright = latitude === 0 && view.kind === 'mollweide';
  for (const at of latitudes) {
    if (at === 0 && !isUpright) continue;
    const rim = longitude - view.east * (180 - CUT_DEGREES);
    const points = pen.pointsOf(isUpright ? rim : longitude, at);
    for (const point of points) add(`${fixedText(at, 0)}°`, point, isUpright ? 'left' : 'map');
  }
  return labels;
}

function framedGraticule(view: View, place: Place, pen: SkyPen): Graticule {
  const seen = seenRange(view, pen);
  const latitudeSpan = seen.north - seen.south;
  const longitudeSpan = seen.east - seen.west;
  const latitudeStep = stepFor(latitudeSpan);
  const longitudeStep = stepFor(longitudeSpan);
  const [bottom, left] = [place.y + view.height, place.x];
  const lines: Line[] = [];
  const labels: GraticuleLabel[] = [];
  for (const at of evenly(seen.west, seen.east, longitudeStep)) {
    const text = `${fixedText(wrapped(Math.round(at * 1e9) / 1e9), digitsFor(longitudeStep))}°`;
    // Where the sky is cut open, one meridian is seen at both sides.
    const inside = Math.min(Math.max(at, seen.west + CUT_DEGREES), seen.east - CUT_DEGREES);
    for (const line of pen.draw(meridian(inside, seen.south, seen.north))) {
      lines.push(line);
      for (const x of endsAt(line, 1, bottom)) labels.push({ text, x, y: bottom, side: 'bottom' });
    }
  }
  for (const at of evenly(seen.south, seen.north, latitudeStep)) {
    const text = `${fixedText(at, digitsFor(latitudeStep))}°`;
    for (const line of pen.draw(parallel(at, seen.west, seen.east))) {
      lines.push(line);
      for (const y of endsAt(line, 0, left)) labels.push({ text, x: left, y, side: 'left' });
    }
  }
  return { lines, labels };
}

const CUT_DEGREES = 1e-6;

/** The outermost pixel centres, where ranges end, lie half a pixel within the frame. */
const EDGE_PIXELS = 0.6;

/** Other coordinates of those ends of a line that lie where one coordinate (0: x, 1: y) has a value. */
function endsAt(line: Line, axis: 0 | 1, value: number): number[] {
  return [0, line.length - 2]
    .filter((at) => Math.abs(line[at + axis]! - value) < EDGE_PIXELS)
    .map((at) => line[at + 1 - axis]!);
}

interface Range {
  /** Longitudes may leave [0, 360): west is less than east. */
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

/** Rows and columns of a view that are looked at for what it shows. */
const SAMPLES = 33;

/** The part of the sky that a view shows, a little more than that. */
function seenRange(view: View, pen: SkyPen): Range {
  const sky = createSkyRows(view, viewToMap(view, view.frame));
  let [west, east, south, north] = [180, -180, 90, -90];
  const [middle] = view.centre;
  for (let i = 0; i < SAMPLES; i++) {
    sky.read(Math.round((i * (view.height - 1)) / (SAMPLES - 1)));
    for (let j = 0; j < SAMPLES; j++) {
      const column = Math.round((j * (view.width - 1)) / (SAMPLES - 1));
      const offset = wrapped(sky.ra[column]! - middle + 180) - 180;
      west = Math.min(west, offset);
      east = Math.max(east, offset);
      south = Math.min(south, sky.dec[column]!);
      north = Math.max(north, sky.dec[column]!);
    }
  }
  const isSeen = (latitude: number) => pen.pointsOf(middle, latitude).length > 0;
  const [northPole, southPole] = [isSeen(90), isSeen(-90)];
  const more = 0.1 * (north - south);
  const range = {
    south: southPole ? -90 : Math.max(-90, south - more),
    north: northPole ? 90 : Math.min(90, north + more),
  };
  // Around a pole, and where nearly all longitudes are seen, there are all of them.
  if (northPole || southPole || east - west > 300) {
    return { ...range, west: middle - 180, east: middle + 180 };
  }
  const wider = 0.1 * (east - west);
  return { ...range, west: middle + west - wider, east: middle + east + wider };
}

function stepFor(span: number): number {
  return STEPS.find((step) => span / step >= FEWEST_LINES) ?? STEPS.at(-1)!;
}

/** Multiples of `step` in [from, to]. */
function evenly(from: number, to: number, step: number): number[] {
  const first = Math.ceil(from / step - 1e-9);
  const last = Math.floor(to / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

function meridian(longitude: number, south: number, north: number): SkyLine {
  return Array.from({ length: POINTS + 1 }, (_, i) => [
    longitude,
    south + ((north - south) * i) / POINTS,
  ]);
}

function parallel(latitude: number, west: number, east: number): SkyLine {
  return Array.from({ length: POINTS + 1 }, (_, i) => [
    west + ((east - west) * i) / POINTS,
    latitude,
  ]);
}

function wrapped(longitude: number): number {
  const rest = longitude % 360;
  return rest < 0 ? rest + 360 : rest;
}

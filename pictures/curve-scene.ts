/** Lays out the plot of a light curve. */
import { schemeTableau10 } from 'd3-scale-chromatic';
import {
  type Axis,
  axesItems,
  axisRoom,
  type Box,
  footRoom,
  textItem,
  xPlace,
  yPlace,
} from './axes.ts';
import { type CurvePoints, usualBand } from './curve-points.ts';
import { textWidth } from './font.ts';
import { type Colour, ellipse, type Item, type Line, type Scene } from './scene.ts';
import { ASCENT, LINE_HEIGHT, type Sizes, sizesFor, WHITE } from './style.ts';
import { titleHeight, titleItems } from './title.ts';

export interface CurveRequest {
  readonly labels: { readonly title: string; readonly time: string; readonly mag: string };
  /** Present: the curve is folded. */
  readonly period?: number;
  readonly width: number;
  readonly isTransparent: boolean;
}

const HEIGHT_SHARE = 0.5;

export function curveScene(bands: readonly CurvePoints[], request: CurveRequest): Scene {
  const { labels, period, width } = request;
  const sizes = sizesFor(Math.max(8, 0.021 * width));
  const x = timeAxis(bands, labels.time, period);
  const y = magAxis(bands, labels.mag);
  const top = titleHeight(labels.title, sizes, width) + sizes.margin;
  const left = sizes.margin + axisRoom(y, sizes);
  const right = sizes.margin + Math.max(legendWidth(bands, sizes), 0.8 * sizes.text);
  const box: Box = { x: left, y: top, width: width - left - right, height: HEIGHT_SHARE * width };
  const items: Item[] = bands.flatMap((points, i) =>
    bandItems(points, bandStyle(points.band, i), { box, x, y, sizes }),
  );
  if (bands.length === 0) {
    const middle = [box.x + box.width / 2, box.y + box.height / 2] as const;
    items.push(textItem('no points', middle, sizes.text, 'middle'));
  }
  items.push(...axesItems(box, x, y, sizes), ...legendItems(bands, box, sizes));
  items.push(...titleItems(labels.title, sizes, width));
  const height = Math.ceil(top + box.height + footRoom(sizes) + sizes.margin);
  return { width, height, ...(request.isTransparent ? {} : { background: WHITE }), items };
}

function timeAxis(bands: readonly CurvePoints[], label: string, period: number | undefined): Axis {
  if (period !== undefined) {
    const text = `Phase (period ${String(Number(period.toPrecision(9)))})`;
    return { from: 0, to: 2, label: text };
  }
  const [from, to] = padded(rangeOf(bands.map(({ x }) => x)), 0.03);
  return { from, to, label };
}

/** Bright is up. Error bars longer than the curve is wide are cut off. */
function magAxis(bands: readonly CurvePoints[], label: string): Axis {
  const points = rangeOf(bands.map(({ mag }) => mag));
  const most = points[1] - points[0];
  const ends = bands.flatMap(({ mag, error }) => [
    mag.map((value, i) => value - Math.min(error[i]!, most)),
    mag.map((value, i) => value + Math.min(error[i]!, most)),
  ]);
  const [bright, faint] = padded(rangeOf(ends), 0.06);
  return { from: faint, to: bright, label };
}

function rangeOf(arrays: readonly Float64Array[]): [number, number] {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const array of arrays) {
    for (const value of array) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : [0, 1];
}

function padded([low, high]: readonly [number, number], share: number): [number, number] {
  const pad = high > low ? share * (high - low) : Math.max(0.5, 1e-6 * Math.abs(low));
  return [low - pad, high + pad];
}

type Mark = (x: number, y: number, radius: number) => Line;

interface BandStyle {
  readonly colour: Colour;
  readonly mark: Mark;
}

/** Marks that are told apart in print without colours too. */
const MARKS: readonly Mark[] = [
  (x, y, radius) => ellipse(x, y, radius),
  (x, y, radius) => polygon(x, y, 1.15 * radius, 4, 45),
  (x, y, radius) => polygon(x, y, 1.25 * radius, 3, -90),
  (x, y, radius) => polygon(x, y, 1.25 * radius, 4, 0),
  (x, y, radius) => polygon(x, y, 1.25 * radius, 3, 90),
  (x, y, radius) => polygon(x, y, 1.1 * radius, 6, 0),
];

function polygon(x: number, y: number, radius: number, corners: number, degrees: number): Line {
  return Float64Array.from({ length: 2 * corners }, (_, i) => {
    const angle = ((degrees + (360 / corners) * (i >> 1)) * Math.PI) / 180;
    return i % 2 === 0 ? x + radius * Math.cos(angle) : y + radius * Math.sin(angle);
  });
}

/** Colours of the six usual filters as the Rubin Observatory proposes them for plots (its technote RTN-045). */
const BAND_COLOURS: Readonly<Record<string, Colour>> = {
  u: '#0c71ff',
  g: '#49be61',
  r: '#c61c00',
  i: '#ffc200',
  z: '#f341a2',
  y: '#5d0000',
};

function bandStyle(band: string, place: number): BandStyle {
  const usual = usualBand(band);
  const others = schemeTableau10[place % schemeTableau10.length]!;
  return {
    colour: usual === undefined ? others : BAND_COLOURS[usual]!,
    mark: MARKS[place % MARKS.length]!,
  };
}

interface Plot {
  readonly box: Box;
  readonly x: Axis;
  readonly y: Axis;
  readonly sizes: Sizes;
}

/** From this many points on marks are small and let others shine through. */
const MANY_POINTS = 3000;

function bandItems(points: CurvePoints, { colour, mark }: BandStyle, plot: Plot): Item[] {
  const { box, x, y, sizes } = plot;
  const many = points.x.length > MANY_POINTS;
  const radius = (many ? 0.13 : 0.22) * sizes.text;
  const bars: Line[] = [];
  const marks: Line[] = [];
  for (let i = 0; i < points.x.length; i++) {
    const across = xPlace(x, box, points.x[i]!);
    const middle = yPlace(y, box, points.mag[i]!);
    const error = points.error[i]!;
    if (error > 0) {
      const above = Math.max(box.y, yPlace(y, box, points.mag[i]! - error));
      const below = Math.min(box.y + box.height, yPlace(y, box, points.mag[i]! + error));
      bars.push(Float64Array.of(across, above, across, below));
    }
    marks.push(mark(across, middle, radius));
  }
  const items: Item[] = [];
  if (bars.length > 0) {
    items.push({ kind: 'stroke', lines: bars, width: 1.2 * sizes.hair, colour, opacity: 0.55 });
  }
  items.push({ kind: 'fill', outlines: marks, colour, opacity: many ? 0.5 : 0.9 });
  return items;
}

function legendWidth(bands: readonly CurvePoints[], sizes: Sizes): number {
  if (!hasLegend(bands)) return 0;
  return 1.9 * sizes.text + Math.max(...bands.map(({ band }) => textWidth(band, sizes.small)));
}

function hasLegend(bands: readonly CurvePoints[]): boolean {
  return bands.some(({ band }) => band !== '');
}

/** Right of the plot, where it hides no point. */
function legendItems(bands: readonly CurvePoints[], box: Box, sizes: Sizes): Item[] {
  if (!hasLegend(bands)) return [];
  const x = box.x + box.width + sizes.text;
  return bands.flatMap(({ band }, i): Item[] => {
    const { colour, mark } = bandStyle(band, i);
    const y = box.y + (0.5 + 1.15 * i) * LINE_HEIGHT * sizes.small;
    const name = textItem(
      band,
      [x + 0.7 * sizes.text, y + 0.5 * ASCENT * sizes.small],
      sizes.small,
      'start',
    );
    return [{ kind: 'fill', outlines: [mark(x, y, 0.26 * sizes.text)], colour }, name];
  });
}

/** A rectangle with a scale of numbers at its lower and left sides. */
import { tickStep, ticks } from 'd3-array';
import { textWidth } from './font.ts';
import { tickTexts } from './number-text.ts';
import { type Item, type Line, rectangle } from './scene.ts';
import { ASCENT, INK, LINE_HEIGHT, type Sizes } from './style.ts';

/** Values at the start (left, bottom) and the end of an axis; it may run downwards. */
export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** About this many ticks; d3 picks round numbers. */
const TICKS_ACROSS = 7;
const TICKS_UP = 6;
/** Steps of the small ticks between two numbers. */
const SMALL_STEPS = 5;

export function xPlace(axis: Axis, box: Box, value: number): number {
  return box.x + (box.width * (value - axis.from)) / (axis.to - axis.from);
}

export function yPlace(axis: Axis, box: Box, value: number): number {
  return box.y + box.height - (box.height * (value - axis.from)) / (axis.to - axis.from);
}

/** Room left of the box for numbers and name of the axis. */
export function axisRoom(axis: Axis, sizes: Sizes): number {
  const widest = Math.max(
    0,
    ...namedTicks(axis, TICKS_UP).map(([, text]) => textWidth(text, sizes.small)),
  );
  return widest + 2 * sizes.tick + LINE_HEIGHT * sizes.text;
}

/** Room below the box. */
export function footRoom(sizes: Sizes): number {
  return 1.5 * sizes.tick + LINE_HEIGHT * sizes.small + LINE_HEIGHT * sizes.text;
}

export function axesItems(box: Box, x: Axis, y: Axis, sizes: Sizes): Item[] {
  const items: Item[] = [];
  const marks: Line[] = [];
  const foot = box.y + box.height;
  const smallMarks = 0.55 * sizes.tick;
  for (const value of smallTicks(x, TICKS_ACROSS)) {
    const at = xPlace(x, box, value);
    marks.push(Float64Array.of(at, foot, at, foot + smallMarks));
  }
  for (const value of smallTicks(y, TICKS_UP)) {
    const at = yPlace(y, box, value);
    marks.push(Float64Array.of(box.x - smallMarks, at, box.x, at));
  }
  let free = Number.NEGATIVE_INFINITY;
  for (const [value, text] of namedTicks(x, TICKS_ACROSS)) {
    const at = xPlace(x, box, value);
    marks.push(Float64Array.of(at, foot, at, foot + sizes.tick));
    const half = textWidth(text, sizes.small) / 2;
    if (at - half < free) continue;
    free = at + half + 0.5 * sizes.small;
    const down = foot + 1.5 * sizes.tick + ASCENT * sizes.small;
    items.push(textItem(text, [at, down], sizes.small, 'middle'));
  }
  for (const [value, text] of namedTicks(y, TICKS_UP)) {
    const at = yPlace(y, box, value);
    marks.push(Float64Array.of(box.x - sizes.tick, at, box.x, at));
    const place = [box.x - 1.6 * sizes.tick, at + 0.36 * sizes.small] as const;
    items.push(textItem(text, place, sizes.small, 'end'));
  }
  const frame = [rectangle(box.x, box.y, box.width, box.height)];
  items.push(
    { kind: 'stroke', lines: marks, width: sizes.line, colour: INK },
    { kind: 'stroke', lines: frame, closed: true, width: sizes.line, colour: INK },
  );
  items.push(...axisNames(box, x, y, sizes));
  return items;
}

function axisNames(box: Box, x: Axis, y: Axis, sizes: Sizes): Item[] {
  const foot = box.y + box.height;
  const down = foot + 1.5 * sizes.tick + LINE_HEIGHT * sizes.small + 0.95 * sizes.text;
  const left = box.x - axisRoom(y, sizes) + 0.95 * sizes.text;
  const name = textItem(y.label, [left, box.y + box.height / 2], sizes.text, 'middle');
  return [
    textItem(x.label, [box.x + box.width / 2, down], sizes.text, 'middle'),
    { ...name, upright: true },
  ];
}

export function textItem(
  text: string,
  [x, y]: readonly [number, number],
  size: number,
  anchor: 'start' | 'middle' | 'end',
) {
  return { kind: 'text' as const, text, x, y, size, anchor, colour: INK };
}

function namedTicks({ from, to }: Axis, count: number): [value: number, text: string][] {
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  const values = ticks(low, high, count);
  const texts = tickTexts(values, tickStep(low, high, count));
  return values.map((value, i) => [value, texts[i]!]);
}

function smallTicks({ from, to }: Axis, count: number): number[] {
  const [low, high] = [Math.min(from, to), Math.max(from, to)];
  const step = tickStep(low, high, count) / SMALL_STEPS;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
}

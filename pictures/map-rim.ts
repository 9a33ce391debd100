/** The rim of the whole sky, and the graticule with numbers that stand on the map. */
import { textWidth } from './font.ts';
import { type Graticule, type GraticuleLabel, isFramed } from './graticule.ts';
import { ellipse, type Item } from './scene.ts';
import type { Place } from './sky-lines.ts';
import { ASCENT, INK, type Sizes, WHITE } from './style.ts';
import type { View } from './view.ts';

interface Ellipse {
  readonly x: number;
  readonly y: number;
  readonly radiusX: number;
  readonly radiusY: number;
}

/** The edge of the sky, which runs through the centres of the outermost pixels. */
function rimsOf(view: View, place: Place): Ellipse[] {
  const discs = view.kind === 'orthographic' && !view.halfSky ? 2 : 1;
  const radiusX = (view.width - 1) / 2 / discs;
  const y = place.y + view.height / 2;
  return Array.from({ length: discs }, (_, disc) => {
    const x = place.x + 0.5 + radiusX * (2 * disc + 1);
    return { x, y, radiusX, radiusY: (view.height - 1) / 2 };
  });
}

/** A line wide enough to cover the corners of the outermost pixels. */
export function rimItems(view: View, place: Place, sizes: Sizes): Item[] {
  const lines = rimsOf(view, place).map((rim) => ellipse(rim.x, rim.y, rim.radiusX, rim.radiusY));
  return [
    { kind: 'stroke', lines, closed: true, width: Math.max(2, 1.3 * sizes.line), colour: INK },
  ];
}

/** Light lines with a dark shade: seen on any colour. */
export function graticuleItems(
  { lines, labels }: Graticule,
  options: {
    readonly view: View;
    readonly place: Place;
    readonly shown: boolean;
    readonly sizes: Sizes;
  },
): Item[] {
  const { view, place, shown, sizes } = options;
  if (!shown) return [];
  const items: Item[] = [
    { kind: 'stroke', lines, width: 2.2 * sizes.hair, colour: '#000000', opacity: 0.12 },
    { kind: 'stroke', lines, width: sizes.hair, colour: WHITE, opacity: 0.6 },
  ];
  if (!isFramed(view)) items.push(...mapLabels(labels, rimsOf(view, place), sizes));
  return items;
}

interface Box {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Numbers on and beside a map; those that would run into others or over the rim are left out. */
function mapLabels(
  labels: readonly GraticuleLabel[],
  rims: readonly Ellipse[],
  sizes: Sizes,
): Item[] {
  const items: Item[] = [];
  const taken: Box[] = [];
  const size = 0.9 * sizes.small;
  for (const { text, x, y, side } of labels) {
    const width = textWidth(text, size);
    const beside = side === 'left';
    const left = beside ? besideRim(rims[0]!, y, size) - width : x - width / 2;
    // Numbers of longitudes stand just below the equator, so that the line can be seen.
    const top = beside ? y - 0.5 * ASCENT * size : y + 0.2 * size;
    const box = { left, right: left + width, top, bottom: top + ASCENT * size };
    if (!beside && !rims.some((rim) => holds(rim, box))) continue;
    if (taken.some((other) => touches(box, other, 0.3 * size))) continue;
    taken.push(box);
    const at = { text, x: left, y: box.bottom, size, anchor: 'start' as const, colour: INK };
    items.push({ kind: 'text', ...at, ...(beside ? {} : { halo: 0.26 * size }) });
  }
  return items;
}

/** Where a number must end so that its corners stay clear of the rim, which widens towards the equator. */
function besideRim(rim: Ellipse, y: number, size: number): number {
  const fromMiddle = Math.max(0, Math.abs(y - rim.y) - 0.5 * size) / rim.radiusY;
  return rim.x - rim.radiusX * Math.sqrt(Math.max(0, 1 - fromMiddle ** 2)) - 0.4 * size;
}

function holds(rim: Ellipse, { left, right, top, bottom }: Box): boolean {
  const inside = (x: number, y: number) =>
    ((x - rim.x) / rim.radiusX) ** 2 + ((y - rim.y) / rim.radiusY) ** 2 < 0.99;
  return inside(left, top) && inside(right, top) && inside(left, bottom) && inside(right, bottom);
}

function touches(a: Box, b: Box, gap: number): boolean {
  const apart =
    a.right + gap < b.left ||
    b.right + gap < a.left ||
    a.bottom + gap < b.top ||
    b.bottom + gap < a.top;
  return !apart;
}

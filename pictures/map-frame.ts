/** The frame of a rectangular view, with a scale at two sides. */
import { textWidth } from './font.ts';
import { FRAME_NAMES } from './frame.ts';
import type { Graticule } from './graticule.ts';
import { type Item, type Line, rectangle } from './scene.ts';
import type { Place } from './sky-lines.ts';
import { ASCENT, INK, LINE_HEIGHT, type Sizes } from './style.ts';
import type { View } from './view.ts';

/** A rectangle with ticks, numbers and the names of both angles. */
export function frameItems(view: View, place: Place, graticule: Graticule, sizes: Sizes): Item[] {
  const { x, y } = place;
  const [right, bottom] = [x + view.width, y + view.height];
  const items: Item[] = [];
  const marks: Line[] = [];
  let free = Number.NEGATIVE_INFINITY;
  const atBottom = graticule.labels.filter(({ side }) => side === 'bottom');
  for (const label of atBottom.toSorted((a, b) => a.x - b.x)) {
    marks.push(Float64Array.of(label.x, bottom, label.x, bottom + sizes.tick));
    const half = textWidth(label.text, sizes.small) / 2;
    if (label.x - half < free) continue;
    free = label.x + half + 0.5 * sizes.small;
    const textY = bottom + 1.5 * sizes.tick + ASCENT * sizes.small;
    items.push(text(label.text, [label.x, textY], sizes.small, 'middle'));
  }
  free = Number.NEGATIVE_INFINITY;
  const atLeft = graticule.labels.filter(({ side }) => side === 'left');
  let widest = 0;
  for (const label of atLeft.toSorted((a, b) => a.y - b.y)) {
    marks.push(Float64Array.of(x - sizes.tick, label.y, x, label.y));
    if (label.y < free) continue;
    free = label.y + LINE_HEIGHT * sizes.small;
    widest = Math.max(widest, textWidth(label.text, sizes.small));
    const textX = x - 1.6 * sizes.tick;
    items.push(text(label.text, [textX, label.y + 0.36 * sizes.small], sizes.small, 'end'));
  }
  items.push({ kind: 'stroke', lines: marks, width: sizes.line, colour: INK });
  const frame = [rectangle(x, y, view.width, view.height)];
  items.push({ kind: 'stroke', lines: frame, closed: true, width: sizes.line, colour: INK });
  const names = FRAME_NAMES[view.frame];
  const nameY = bottom + 1.5 * sizes.tick + LINE_HEIGHT * sizes.small + 0.95 * sizes.text;
  items.push(text(names.longitude, [(x + right) / 2, nameY], sizes.text, 'middle'));
  const nameX = x - 1.6 * sizes.tick - widest - 0.5 * sizes.text;
  const upright = text(names.latitude, [nameX, (y + bottom) / 2], sizes.text, 'middle');
  items.push({ ...upright, upright: true });
  return items;
}

function text(
  content: string,
  [x, y]: readonly [number, number],
  size: number,
  anchor: 'middle' | 'end',
) {
  return { kind: 'text' as const, text: content, x, y, size, anchor, colour: INK };
}

/** The bar that tells which colour stands for which value. */
import type { ColourScale } from './colour-scale.ts';
import { textWidth } from './font.ts';
import { PALETTE_STEPS, type Palette } from './palette.ts';
import type { Item } from './scene.ts';
import { ASCENT, DESCENT, INK, LINE_HEIGHT, type Sizes } from './style.ts';

export interface ColourBarBox {
  /** Left end, upper edge and length of the bar, without the points at its ends. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

const BAR_HEIGHT = 0.8;
/** Of the text below the numbers, with the space between. */
const LABEL_HEIGHT = 1.5;

/** How much room a bar takes, in pixels. */
export function colourBarHeight(sizes: Sizes, label: string): number {
  const texts = LINE_HEIGHT * sizes.small + (label === '' ? 0 : LABEL_HEIGHT * sizes.text);
  return Math.ceil(BAR_HEIGHT * sizes.text + sizes.tick + texts);
}

export function colourBar(
  scale: ColourScale,
  palette: Palette,
  {
    box,
    sizes,
    label,
  }: { readonly box: ColourBarBox; readonly sizes: Sizes; readonly label: string },
): Item[] {
  const height = BAR_HEIGHT * sizes.text;
  const items: Item[] = [barImage(palette, box, Math.round(height))];
  items.push(...barOutline(scale, palette, box, { height: Math.round(height), line: sizes.hair }));
  const foot = box.y + Math.round(height);
  items.push(...barTicks(scale, box, foot, sizes));
  if (label !== '') {
    items.push({
      kind: 'text',
      text: label,
      x: box.x + box.width / 2,
      y: foot + sizes.tick + LINE_HEIGHT * sizes.small + (LABEL_HEIGHT - DESCENT) * sizes.text,
      size: sizes.text,
      anchor: 'middle',
      colour: INK,
    });
  }
  return items;
}

function barImage(palette: Palette, { x, y, width }: ColourBarBox, height: number): Item {
  const rgba = new Uint8Array(4 * width * height).fill(255);
  for (let column = 0; column < width; column++) {
    const step = Math.min(PALETTE_STEPS - 1, Math.floor((column / width) * PALETTE_STEPS));
    const colour = palette.subarray(3 * step, 3 * step + 3);
    for (let row = 0; row < height; row++) rgba.set(colour, 4 * (row * width + column));
  }
  return { kind: 'image', x, y, width, height, rgba };
}

/** The edge of the bar, drawn to a point at an end beyond which there are values. */
function barOutline(
  { isBelow, isAbove }: ColourScale,
  palette: Palette,
  { x, y, width }: ColourBarBox,
  { height, line }: { readonly height: number; readonly line: number },
): Item[] {
  const items: Item[] = [];
  const point = 0.8 * height;
  const left = isBelow ? [x - point, y + height / 2] : [];
  const right = isAbove ? [x + width + point, y + height / 2] : [];
  const end = (step: number, from: number, tip: readonly number[]) => {
    if (tip.length === 0) return;
    const outline = Float64Array.of(from, y, tip[0]!, tip[1]!, from, y + height);
    items.push({ kind: 'fill', outlines: [outline], colour: paletteColour(palette, step) });
  };
  end(0, x, left);
  end(PALETTE_STEPS - 1, x + width, right);
  const corners = [x, y, x + width, y, ...right, x + width, y + height, x, y + height, ...left];
  const lines = [Float64Array.from(corners)];
  items.push({ kind: 'stroke', lines, closed: true, width: line, colour: INK });
  return items;
}

export function paletteColour(palette: Palette, step: number): string {
  const bytes = Array.from(palette.subarray(3 * step, 3 * step + 3));
  return `#${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
}

/** Ticks below the bar; a number that would run into the one before it is left out. */
function barTicks(scale: ColourScale, box: ColourBarBox, foot: number, sizes: Sizes): Item[] {
  const items: Item[] = [];
  const marks: Float64Array[] = [];
  let free = Number.NEGATIVE_INFINITY;
  for (const { place, text } of scale.ticks) {
    const x = box.x + place * box.width;
    const length = text === '' ? 0.55 * sizes.tick : sizes.tick;
    marks.push(Float64Array.of(x, foot, x, foot + length));
    if (text === '') continue;
    const half = textWidth(text, sizes.small) / 2;
    if (x - half < free) continue;
    free = x + half + 0.4 * sizes.small;
    items.push({
      kind: 'text',
      text,
      x,
      y: foot + sizes.tick + 0.25 * sizes.small + ASCENT * sizes.small,
      size: sizes.small,
      anchor: 'middle',
      colour: INK,
    });
  }
  items.push({ kind: 'stroke', lines: marks, width: sizes.hair, colour: INK });
  return items;
}

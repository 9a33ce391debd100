/** Titles, on as many lines as they need. */
import { wrapText } from './font.ts';
import type { Item } from './scene.ts';
import { ASCENT, INK, LINE_HEIGHT, type Sizes } from './style.ts';

function titleLines(title: string, sizes: Sizes, width: number): string[] {
  return title.trim() === '' ? [] : wrapText(title.trim(), sizes.title, width - 2 * sizes.margin);
}

/** Room that a title takes above a picture so wide, the margin above it included. */
export function titleHeight(title: string, sizes: Sizes, width: number): number {
  const count = titleLines(title, sizes, width).length;
  return count === 0 ? 0 : sizes.margin + count * LINE_HEIGHT * sizes.title;
}

export function titleItems(title: string, sizes: Sizes, width: number): Item[] {
  return titleLines(title, sizes, width).map((text, i) => ({
    kind: 'text',
    text,
    x: width / 2,
    y: sizes.margin + i * LINE_HEIGHT * sizes.title + ASCENT * sizes.title,
    size: sizes.title,
    anchor: 'middle',
    colour: INK,
  }));
}

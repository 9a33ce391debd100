/** The font of pictures: widths and outlines of text, the same on machines that have no fonts. */
import { readFileSync } from 'node:fs';
import { create, type Font } from 'fontkitten';
import type { Line } from './scene.ts';

/** What other programs look for when they show a text of ours. */
export const FONT_FAMILY = 'DejaVu Sans, Verdana, Geneva, Arial, sans-serif';

/** Parts of a curve; letters are small. */
const CURVE_STEPS = 5;

const BLANK = 32;

interface Glyph {
  /** In units of the font size, y down. */
  readonly width: number;
  readonly outlines: readonly Line[];
}

let font: Font | undefined;
const glyphs = new Map<number, Glyph>();

function loadFont(): Font {
  const loaded = create(readFileSync(new URL('./font/dejavu-sans.ttf', import.meta.url)));
  if (loaded.isCollection) throw new Error('the font file holds several fonts');
  return loaded;
}

function glyphOf(codePoint: number): Glyph {
  const known = glyphs.get(codePoint);
  if (known !== undefined) return known;
  font ??= loadFont();
  // Control characters are blanks, and a character that the font lacks is the box of unknown ones.
  const { advanceWidth, path } = font.glyphForCodePoint(Math.max(codePoint, BLANK));
  const scale = 1 / font.unitsPerEm;
  const glyph = { width: advanceWidth * scale, outlines: outlinesOf(path.commands, scale) };
  glyphs.set(codePoint, glyph);
  return glyph;
}

/** Curves as short straight lines. */
function outlinesOf(
  commands: readonly { readonly command: string; readonly args: readonly number[] }[],
  scale: number,
): Line[] {
  const outlines: Line[] = [];
  let points: number[] = [];
  const end = () => {
    if (points.length > 4)
      outlines.push(Float64Array.from(points, (v, i) => (i % 2 ? -v : v) * scale));
    points = [];
  };
  for (const { command, args } of commands) {
    const [x = 0, y = 0, toX = 0, toY = 0] = args;
    if (command === 'moveTo') end();
    if (command === 'moveTo' || command === 'lineTo') points.push(x, y);
    else if (command === 'quadraticCurveTo') addCurve(points, [x, y, toX, toY]);
    else if (command === 'closePath') end();
    else throw new Error(`the font has a ${command}`);
  }
  end();
  return outlines;
}

function addCurve(
  points: number[],
  [midX, midY, toX, toY]: [number, number, number, number],
): void {
  const fromX = points.at(-2)!;
  const fromY = points.at(-1)!;
  for (let i = 1; i <= CURVE_STEPS; i++) {
    const t = i / CURVE_STEPS;
    const [a, b, c] = [(1 - t) * (1 - t), 2 * t * (1 - t), t * t];
    points.push(a * fromX + b * midX + c * toX, a * fromY + b * midY + c * toY);
  }
}

/** Width of a line of text in pixels at a font size. */
export function textWidth(text: string, size: number): number {
  let width = 0;
  for (const character of text) width += glyphOf(character.codePointAt(0)!).width;
  return width * size;
}

/** Outlines of a text whose baseline starts at (x, y); `upright`: runs from the bottom up. */
export function textOutlines(
  text: string,
  size: number,
  { x, y, upright }: { readonly x: number; readonly y: number; readonly upright?: boolean },
): Line[] {
  const outlines: Line[] = [];
  let along = 0;
  for (const character of text) {
    const glyph = glyphOf(character.codePointAt(0)!);
    for (const outline of glyph.outlines) {
      const placed = new Float64Array(outline.length);
      for (let i = 0; i < outline.length; i += 2) {
        const right = (outline[i]! + along) * size;
        const down = outline[i + 1]! * size;
        placed[i] = upright ? x + down : x + right;
        placed[i + 1] = upright ? y - right : y + down;
      }
      outlines.push(placed);
    }
    along += glyph.width;
  }
  return outlines;
}

/** Lines of at most `width` pixels, broken at blanks; a word that is longer is broken where it must be. */
export function wrapText(text: string, size: number, width: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    for (const word of paragraph.split(/\s+/)) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (textWidth(longer, size) <= width) {
        line = longer;
        continue;
      }
      if (line !== '') lines.push(line);
      line = '';
      for (const character of word) {
        if (line !== '' && textWidth(line + character, size) > width) {
          lines.push(line);
          line = '';
        }
        line += character;
      }
    }
    lines.push(line);
  }
  return lines;
}

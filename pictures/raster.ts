/** Paints a scene as pixels. */
import { coverageOf } from './fill.ts';
import { textOutlines, textWidth } from './font.ts';
import {
  type Colour,
  colourBytes,
  type Item,
  type Line,
  type Scene,
  type TextItem,
} from './scene.ts';
import { strokeOutlines } from './stroke.ts';
import { HALO_OPACITY, WHITE } from './style.ts';

/** Red, green, blue and opacity of each pixel, row after row from the top; colours are not weighted by opacity. */
export interface Raster {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8Array;
}

export function paintScene(scene: Scene): Raster {
  const { width, height, background, items } = scene;
  const raster = { width, height, rgba: new Uint8Array(4 * width * height) };
  if (background !== undefined) fillAll(raster, background);
  for (const item of items) paintItem(raster, item);
  return raster;
}

function fillAll({ rgba }: Raster, colour: Colour): void {
  const [red, green, blue] = colourBytes(colour);
  for (let i = 0; i < rgba.length; i += 4) {
    rgba[i] = red;
    rgba[i + 1] = green;
    rgba[i + 2] = blue;
    rgba[i + 3] = 255;
  }
}

function paintItem(raster: Raster, item: Item): void {
  switch (item.kind) {
    case 'image':
      paintImage(raster, item);
      break;
    case 'fill':
      paintOutlines(raster, item.outlines, item.colour, item.opacity);
      break;
    case 'stroke': {
      const outlines = strokeOutlines(item.lines, item.width, item.closed === true);
      paintOutlines(raster, outlines, item.colour, item.opacity);
      break;
    }
    case 'text':
      paintText(raster, item);
      break;
    default:
      throw new Error(`unknown item ${item satisfies never}`);
  }
}

function paintText(raster: Raster, item: TextItem): void {
  const outlines = textOutlines(item.text, item.size, textStart(item));
  if (item.halo !== undefined) {
    const halo = [...strokeOutlines(outlines, item.halo, true), ...outlines];
    paintOutlines(raster, halo, WHITE, HALO_OPACITY);
  }
  paintOutlines(raster, outlines, item.colour);
}

function textStart({ text, size, x, y, anchor, upright }: TextItem) {
  const share = anchor === 'start' ? 0 : anchor === 'middle' ? 0.5 : 1;
  const back = share === 0 ? 0 : share * textWidth(text, size);
  return upright === true ? { x, y: y + back, upright } : { x: x - back, y };
}

function paintImage(
  raster: Raster,
  image: { x: number; y: number; width: number; height: number; rgba: Uint8Array },
): void {
  const { width, rgba } = raster;
  for (let row = 0; row < image.height; row++) {
    let from = 4 * row * image.width;
    let to = 4 * ((image.y + row) * width + image.x);
    for (let column = 0; column < image.width; column++, from += 4, to += 4) {
      // Image pixels are either there or not.
      if (image.rgba[from + 3] === 0) continue;
      rgba[to] = image.rgba[from]!;
      rgba[to + 1] = image.rgba[from + 1]!;
      rgba[to + 2] = image.rgba[from + 2]!;
      rgba[to + 3] = 255;
    }
  }
}

function paintOutlines(
  raster: Raster,
  outlines: readonly Line[],
  colour: Colour,
  opacity = 1,
): void {
  const coverage = coverageOf(outlines, raster.width, raster.height);
  if (coverage === undefined) return;
  const { rgba } = raster;
  const [red, green, blue] = colourBytes(colour);
  for (let row = 0; row < coverage.height; row++) {
    let at = 4 * ((coverage.y + row) * raster.width + coverage.x);
    const start = row * coverage.width;
    for (let column = 0; column < coverage.width; column++, at += 4) {
      const own = opacity * coverage.amount[start + column]!;
      if (own < 1 / 512) continue;
      const under = (rgba[at + 3]! / 255) * (1 - own);
      const sum = own + under;
      rgba[at] = Math.round((red * own + rgba[at]! * under) / sum);
      rgba[at + 1] = Math.round((green * own + rgba[at + 1]! * under) / sum);
      rgba[at + 2] = Math.round((blue * own + rgba[at + 2]! * under) / sum);
      rgba[at + 3] = Math.round(255 * sum);
    }
  }
}

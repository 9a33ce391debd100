/** Lays out the picture of a sky map: title, map, graticule, colour bar. */
import { colourBar, colourBarHeight } from './colour-bar.ts';
import { type ColourScale, createScale, NO_COLOUR, paletteSteps } from './colour-scale.ts';
import { textWidth } from './font.ts';
import { FRAME_NAMES } from './frame.ts';
import { fillGaps } from './gaps.ts';
import { type Graticule, type GraticuleLabel, graticuleOf, isFramed } from './graticule.ts';
import { frameItems } from './map-frame.ts';
import type { MapPictureRequest } from './map-options.ts';
import { graticuleItems, rimItems } from './map-rim.ts';
import type { Palette } from './palette.ts';
import { type MapData, OUTSIDE, projectMap } from './project.ts';
import { colourBytes, type ImageItem, type Item, type Scene } from './scene.ts';
import type { Place } from './sky-lines.ts';
import { ASCENT, INK, LINE_HEIGHT, MISSING, type Sizes, sizesFor, WHITE } from './style.ts';
import { titleHeight, titleItems } from './title.ts';
import { createView, type View } from './view.ts';

/** A map with what its values are. */
export interface NamedMap extends MapData {
  readonly name?: string;
  readonly unit?: string;
  /** What a picture calls the values; default: name and unit. */
  readonly label?: string;
}

export function mapScene(map: NamedMap, request: MapPictureRequest): Scene {
  const view = createView(request.view);
  const projected = projectMap(map, view);
  fillGaps(map, view, projected);
  const { grid } = projected;
  const scale = createScale(grid, request.scale);
  const steps = paletteSteps(grid, scale);
  return viewScene(view, {
    request,
    rgba: coloured(grid, steps, request.palette),
    key: scaleKey(scale, request.palette, request.unit ?? labelOf(map)),
  });
}

/** What stands below a map to explain its colours. */
export interface Key {
  readonly height: (sizes: Sizes, width: number) => number;
  readonly items: (box: { x: number; y: number; width: number }, sizes: Sizes) => Item[];
}

/** A picture of a view whose pixels are known. */
export function viewScene(
  view: View,
  picture: {
    readonly request: Pick<MapPictureRequest, 'title' | 'graticule' | 'isTransparent'>;
    readonly rgba: Uint8Array;
    readonly key: Key;
    /** Painted between the map and its graticule. */
    readonly over?: (place: Place, sizes: Sizes) => Item[];
  },
): Scene {
  const { request, key } = picture;
  const framed = isFramed(view);
  const isSquare = view.width < 1.5 * view.height;
  const sizes = sizesFor(Math.max(9, (isSquare ? 0.024 : 0.0175) * view.width));
  // Numbers at the left need room; their width does not depend on where the map lies.
  const labels = framed || request.graticule ? graticuleOf(view, { x: 0, y: 0 }).labels : [];
  const left = leftRoom(labels, framed, sizes);
  const right = framed ? rightRoom(labels, view, sizes) : Math.max(sizes.margin, left);
  const width = Math.ceil(left + view.width + right);
  const top = titleHeight(request.title, sizes, width) + sizes.margin;
  const place = { x: Math.ceil(left), y: Math.ceil(top) };
  const foot = place.y + view.height + bottomRoom(framed, sizes);
  const keyBox = keyPlace(view, place, foot, isSquare);
  const graticule: Graticule =
    framed || request.graticule ? graticuleOf(view, place) : { lines: [], labels: [] };
  const image: ImageItem = { kind: 'image', ...place, ...sizeOf(view), rgba: picture.rgba };
  const items: Item[] = [image, ...(picture.over?.(place, sizes) ?? [])];
  items.push(...graticuleItems(graticule, { view, place, shown: request.graticule, sizes }));
  items.push(
    ...(framed ? frameItems(view, place, graticule, sizes) : rimItems(view, place, sizes)),
  );
  if (!framed) items.push(frameNote(view, place, sizes));
  items.push(...titleItems(request.title, sizes, width), ...key.items(keyBox, sizes));
  const height = Math.ceil(foot + key.height(sizes, keyBox.width) + sizes.margin);
  return { width, height, ...(request.isTransparent ? {} : { background: WHITE }), items };
}

function sizeOf({ width, height }: View) {
  return { width, height };
}

function leftRoom(labels: readonly GraticuleLabel[], framed: boolean, sizes: Sizes): number {
  const atLeft = labels.filter(({ side }) => side === 'left');
  if (!framed) {
    // Only numbers that stand out of the map's own width need room.
    const least = atLeft.map(({ text, x }) => x - textWidth(text, sizes.small) - 0.5 * sizes.small);
    return Math.max(sizes.margin, sizes.margin - Math.min(0, ...least));
  }
  const widest = Math.max(0, ...atLeft.map(({ text }) => textWidth(text, sizes.small)));
  return sizes.margin + LINE_HEIGHT * sizes.text + widest + 2 * sizes.tick;
}

/** Half of a number at the lower right corner stands beyond it. */
function rightRoom(labels: readonly GraticuleLabel[], view: View, sizes: Sizes): number {
  const ends = labels
    .filter(({ side }) => side === 'bottom')
    .map(({ text, x }) => x + textWidth(text, sizes.small) / 2 - view.width);
  return sizes.margin + Math.max(0.4 * sizes.margin, ...ends);
}

/** Below the map: numbers and the axis name, or the gap before the key. */
function bottomRoom(framed: boolean, sizes: Sizes): number {
  return framed
    ? 2 * sizes.tick + LINE_HEIGHT * (sizes.small + sizes.text) + 0.8 * sizes.text
    : 1.0 * sizes.text;
}

function keyPlace(view: View, place: Place, foot: number, isSquare: boolean) {
  const width = Math.round((isSquare ? 0.86 : 0.55) * view.width);
  return { x: place.x + Math.round((view.width - width) / 2), y: Math.ceil(foot), width };
}

/** Which frame the picture is in, beside the lower end of the map. */
function frameNote(view: View, place: Place, sizes: Sizes): Item {
  return {
    kind: 'text',
    text: FRAME_NAMES[view.frame].name,
    x: place.x + view.width,
    y: place.y + view.height - 0.1 * sizes.small,
    size: sizes.small,
    anchor: 'end',
    colour: INK,
  };
}

function labelOf({ name, unit, label }: NamedMap): string {
  if (label !== undefined) return label;
  if (name === undefined || name === '') return unit ?? '';
  return unit === undefined || unit === '' ? name : `${name} [${unit}]`;
}

/** A colour bar, or a word where there is nothing to show. */
export function scaleKey(scale: ColourScale | undefined, palette: Palette, label: string): Key {
  return {
    height: (sizes) => colourBarHeight(sizes, label),
    items: (box, sizes) => {
      if (scale !== undefined) return colourBar(scale, palette, { box, sizes, label });
      const text = label === '' ? 'no values' : `${label}: no values`;
      const y = box.y + ASCENT * sizes.text;
      const x = box.x + box.width / 2;
      return [{ kind: 'text', text, x, y, size: sizes.text, anchor: 'middle', colour: INK }];
    },
  };
}

/** Pixels of the map: coloured, grey where there is no value, transparent outside of the sky. */
export function coloured(grid: Float64Array, steps: Int16Array, palette: Palette): Uint8Array {
  const rgba = new Uint8Array(4 * grid.length);
  const [red, green, blue] = colourBytes(MISSING);
  for (let i = 0, at = 0; i < grid.length; i++, at += 4) {
    if (grid[i] === OUTSIDE) continue;
    const step = steps[i]!;
    const from = 3 * step;
    rgba[at] = step === NO_COLOUR ? red : palette[from]!;
    rgba[at + 1] = step === NO_COLOUR ? green : palette[from + 1]!;
    rgba[at + 2] = step === NO_COLOUR ? blue : palette[from + 2]!;
    rgba[at + 3] = 255;
  }
  return rgba;
}

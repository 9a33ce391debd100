/** Draws the partitions of a catalog. */
import type { CatalogInfo } from '../catalogs/types.ts';
import { requestError } from '../partitioning/error.ts';
import { checkOptions, type OptionNames } from '../partitioning/options.ts';
import { paletteColour } from './colour-bar.ts';
import { createScale, paletteSteps } from './colour-scale.ts';
import { textWidth } from './font.ts';
import { pixelWidth } from './image-pixel.ts';
import { oneOf } from './map-options.ts';
import { coloured, type Key, scaleKey, viewScene } from './map-picture.ts';
import { createPalette, PALETTE_STEPS, type Palette } from './palette.ts';
import {
  type PartitionValue,
  partitionGrid,
  pixelOutline,
  viewOfPartitions,
} from './partitions.ts';
import { type Item, rectangle } from './scene.ts';
import { createSkyPen } from './sky-lines.ts';
import { ASCENT, INK, LINE_HEIGHT, type Sizes } from './style.ts';
import { createView } from './view.ts';
import { pictureForm, writeScene } from './write-picture.ts';

export interface PlotPartitionsOptions {
  /** What colours stand for: the `order` of a partition (default), or its `rows`. */
  readonly by?: PartitionValue;
  /** Default: name of the catalog, and how much it holds. */
  readonly title?: string;
  /** A continuous scheme of d3; default `viridis`. */
  readonly palette?: string;
}

const KNOWN: OptionNames<PlotPartitionsOptions> = { by: true, title: true, palette: true };

const WIDTHS = { wide: 1600, square: 1000 };
/** Outlines of smaller pixels would hide what is in them. */
const FINEST_OUTLINE_PIXELS = 6;

/**
 * Draws the partitions of a catalog, equatorial, to a .png or .svg file: on the whole sky, or close up where the
 * catalog is small.
 * @throws the request error for an ending or an option that no picture can be made with
 */
export async function drawPartitions(
  info: CatalogInfo,
  file: string,
  options: PlotPartitionsOptions = {},
): Promise<void> {
  checkOptions('plotPartitions', options, KNOWN);
  const { by = 'order', palette: paletteName = 'viridis' } = options;
  const form = pictureForm(file);
  oneOf('by', by, ['order', 'rows']);
  const palette = createPalette(paletteName);
  if (info.partitions.length === 0 && info.type === 'index') {
    throw requestError('an index has no partitions on the sky', undefined, info.path);
  }
  const view = createView(viewOfPartitions(info, WIDTHS));
  const grid = partitionGrid(view, info.partitions, by);
  const { rgba, key } =
    by === 'rows' ? rowColours(grid, palette) : orderColours(info, grid, palette);
  const scene = viewScene(view, {
    request: { title: options.title ?? titleOf(info), graticule: true, isTransparent: false },
    rgba,
    key,
    over: (place, sizes) => {
      const pen = createSkyPen(view, place);
      const lines = info.partitions
        .filter(({ pixel }) => pixelWidth(view, pixel.order) >= FINEST_OUTLINE_PIXELS)
        .flatMap(({ pixel }) => pen.draw(pixelOutline(pixel)));
      return [{ kind: 'stroke', lines, width: sizes.hair, colour: INK, opacity: 0.55 }];
    },
  });
  await writeScene(file, form, scene);
}

function titleOf({ name, partitions }: CatalogInfo): string {
  const count = partitions.length.toLocaleString('en');
  return `${name}: ${count} partition${partitions.length === 1 ? '' : 's'}`;
}

function rowColours(grid: Float64Array, palette: Palette) {
  const scale = createScale(grid, { kind: 'log' });
  const steps = paletteSteps(grid, scale);
  return {
    rgba: coloured(grid, steps, palette),
    key: scaleKey(scale, palette, 'rows per partition'),
  };
}

/** Each order has a colour of its own, evenly along the palette. */
function orderColours(info: CatalogInfo, grid: Float64Array, palette: Palette) {
  const counts = new Map<number, number>();
  for (const { pixel } of info.partitions)
    counts.set(pixel.order, (counts.get(pixel.order) ?? 0) + 1);
  const orders = [...counts.keys()].sort((a, b) => a - b);
  const stepOf = new Map(orders.map((order, i) => [order, orderStep(i, orders.length)]));
  const steps = Int16Array.from(grid, (order) => stepOf.get(order) ?? -1);
  const entries = orders.map((order) => ({
    text: `order ${order} (${counts.get(order)!.toLocaleString('en')})`,
    colour: paletteColour(palette, stepOf.get(order)!),
  }));
  return { rgba: coloured(grid, steps, palette), key: swatchKey(entries) };
}

/** The dark end of a palette would hide outlines. */
function orderStep(place: number, count: number): number {
  const share = count === 1 ? 0.6 : 0.15 + (0.85 * place) / (count - 1);
  return Math.round(share * (PALETTE_STEPS - 1));
}

/** Patches of colour with their meaning, in centred lines. */
function swatchKey(entries: readonly { readonly text: string; readonly colour: string }[]): Key {
  const widthOf = (text: string, sizes: Sizes) => 2.6 * sizes.small + textWidth(text, sizes.small);
  const linesFor = (sizes: Sizes, width: number) => {
    const lines: (typeof entries)[number][][] = [[]];
    let used = 0;
    for (const entry of entries) {
      const own = widthOf(entry.text, sizes);
      if (used > 0 && used + own > width) {
        lines.push([]);
        used = 0;
      }
      lines.at(-1)!.push(entry);
      used += own;
    }
    return lines;
  };
  const lineHeight = (sizes: Sizes) => 1.25 * LINE_HEIGHT * sizes.small;
  return {
    height: (sizes, width) => linesFor(sizes, width).length * lineHeight(sizes),
    items: (box, sizes) =>
      linesFor(sizes, box.width).flatMap((line, i) => {
        const total = line.reduce((sum, { text }) => sum + widthOf(text, sizes), 0) - sizes.small;
        let x = box.x + (box.width - total) / 2;
        return line.flatMap(({ text, colour }): Item[] => {
          const patch = rectangle(
            x,
            box.y + i * lineHeight(sizes),
            1.1 * sizes.small,
            0.9 * sizes.small,
          );
          const y = box.y + i * lineHeight(sizes) + 0.45 * sizes.small + 0.5 * ASCENT * sizes.small;
          const place = { x: x + 1.6 * sizes.small, y, size: sizes.small };
          x += widthOf(text, sizes);
          return [
            { kind: 'fill', outlines: [patch], colour },
            { kind: 'stroke', lines: [patch], closed: true, width: sizes.hair, colour: INK },
            { kind: 'text', text, ...place, anchor: 'start', colour: INK },
          ];
        });
      }),
  };
}

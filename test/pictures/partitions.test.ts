import { afterAll, describe, expect, test } from 'vitest';
import type { CatalogInfo, Partition } from '../../catalogs/types.ts';
import { pixelAt } from '../../partitioning/healpix.ts';
import type { Pixel } from '../../partitioning/pixel.ts';
import { paletteColour } from '../../pictures/colour-bar.ts';
import { createPalette } from '../../pictures/palette.ts';
import { partitionGrid, pixelOutline, viewOfPartitions } from '../../pictures/partitions.ts';
import { drawPartitions } from '../../pictures/plot-partitions.ts';
import { createSkyRows, OUTSIDE } from '../../pictures/project.ts';
import { createView, viewToMap } from '../../pictures/view.ts';
import { findColour, pictureFolder, readPng, refusalOf, VIEWS } from './picture-fixture.ts';

const { inDir, remove } = pictureFolder();
afterAll(remove);

const partitionOf = (order: number, pixel: number, rows: number): Partition => ({
  pixel: { order, pixel },
  files: [],
  rows,
  rowsExact: true,
});

/** Of many orders, in NESTED order, with gaps; the last is finer than an image pixel can show. */
const PARTITIONS = [
  partitionOf(0, 0, 10),
  partitionOf(2, 16, 20),
  partitionOf(2, 18, 30),
  partitionOf(1, 6, 40),
  partitionOf(5, 7 * 4 ** 4, 50),
  partitionOf(0, 4, 60),
  partitionOf(3, 11 * 64, 70),
  partitionOf(16, 11 * 4 ** 16 + 4 ** 15, 80),
];

function catalogOf(partitions: readonly Partition[]): CatalogInfo {
  const empty = { columns: [], marginsAvailable: [], indexes: {}, properties: {} };
  return { path: '/none', name: 'made_up', type: 'object', partitions, ...empty };
}

describe('each image pixel belongs to the partition that holds its position', () => {
  test.each(['order', 'rows'] as const)('by %s', (by) => {
    for (const request of VIEWS.filter((_, i) => i % 7 === 1)) {
      const view = createView({ ...request, width: 60 });
      const grid = partitionGrid(view, PARTITIONS, by);
      const sky = createSkyRows(view, viewToMap(view, 'C'));
      for (let row = 0; row < view.height; row++) {
        sky.read(row);
        for (let column = 0; column < view.width; column++) {
          const holder = PARTITIONS.find(
            ({ pixel }) =>
              pixelAt(sky.ra[column]!, sky.dec[column]!, pixel.order).pixel === pixel.pixel,
          );
          const value = by === 'order' ? holder?.pixel.order : holder?.rows;
          const expected = sky.outside[column] === 1 ? OUTSIDE : (value ?? Number.NaN);
          const found = grid[row * view.width + column]!;
          // A partition finer than an image pixel may cover the whole of a coarser one.
          if (found !== 16 && found !== 80) expect(found).toBe(expected);
        }
      }
    }
  });

  test('and to none where there are no partitions', () => {
    const view = createView({
      kind: 'mollweide',
      width: 100,
      frame: 'C',
      centre: [0, 0],
      east: -1,
    });
    const found = new Set(partitionGrid(view, [], 'order'));
    expect(found).toEqual(new Set([OUTSIDE, Number.NaN]));
  });
});

test('outlines run along the edge of their pixel', () => {
  for (const { pixel } of PARTITIONS) {
    const line = pixelOutline(pixel);
    expect(line[0]).toEqual(line.at(-1));
    expect(line.length).toBeGreaterThan(8);
    const inside = centreOf(pixel);
    for (const [ra, dec] of line) {
      // A little towards the middle it is this pixel, a little away from it another one.
      const moved = (share: number) =>
        pixelAt(
          ra + share * (((inside[0] - ra + 540) % 360) - 180),
          Math.max(-90, Math.min(90, dec + share * (inside[1] - dec))),
          pixel.order,
        ).pixel;
      expect(moved(1e-3)).toBe(pixel.pixel);
    }
  }
});

/** A position well inside: the mean of two opposite corners is not, near a pole. */
function centreOf({ order, pixel }: Pixel): [number, number] {
  const child = pixelOutline({ order: order + 4, pixel: pixel * 256 + 3 * 64 });
  return [child[0]![0], child[0]![1]];
}

describe('the part of the sky that is shown', () => {
  const widths = { wide: 1600, square: 1000 };

  test('is all of it for a wide catalog, and for none', () => {
    for (const partitions of [PARTITIONS, []]) {
      expect(viewOfPartitions(catalogOf(partitions), widths)).toMatchObject({
        kind: 'mollweide',
        width: 1600,
      });
    }
  });

  test('is the surroundings of a small one, all of it, also around a pole and at ra 0', () => {
    const pole = pixelAt(123, 89.9, 4);
    const zero = [pixelAt(359.9, 10, 5), pixelAt(0.1, 10, 5)];
    for (const pixels of [[pole], zero]) {
      const partitions = pixels.map(({ order, pixel }) => partitionOf(order, pixel, 1));
      const request = viewOfPartitions(catalogOf(partitions), widths);
      expect(request).toMatchObject({ kind: 'gnomonic', width: 1000 });
      expect(request.sizeDegrees).toBeLessThan(16);
      const view = createView({ ...request, width: 200 });
      const grid = partitionGrid(view, partitions, 'order');
      const at = (row: number, column: number) => grid[row * 200 + column];
      // The edges of the picture lie outside, and the most part of it inside of the catalog.
      for (let i = 0; i < 200; i++) {
        expect([at(0, i), at(199, i), at(i, 0), at(i, 199)]).toEqual(Array(4).fill(Number.NaN));
      }
      expect(grid.filter((order) => order > 0).length).toBeGreaterThan(5000);
    }
  });
});

describe('pictures', () => {
  test('have a colour for each order, and a patch that names it', async () => {
    const catalog = catalogOf(PARTITIONS.slice(0, 4));
    await drawPartitions(catalog, inDir('orders.png'));
    const picture = readPng(inDir('orders.png'));
    // Evenly along the palette, without its dark end.
    const counts = [38, 147, 255].map((step) => {
      const colour = paletteColour(createPalette('viridis'), step);
      return findColour(picture, colour).length;
    });
    expect(counts.map((count) => count > 1000)).toEqual([true, true, true]);
    // One base facet is a twelfth of the sky and of the ellipse, less the lines over it.
    const share = counts[0]! / ((Math.PI * 1600 * 800) / 4 / 12);
    expect(share).toBeGreaterThan(0.85);
    expect(share).toBeLessThan(1);
  });

  test('have a scale for rows', async () => {
    await drawPartitions(catalogOf(PARTITIONS.slice(0, 4)), inDir('rows.png'), { by: 'rows' });
    expect(findColour(readPng(inDir('rows.png')), '#440154').length).toBeGreaterThan(10_000);
  });

  test('of a catalog without partitions are grey', async () => {
    await drawPartitions(catalogOf([]), inDir('none.png'), { by: 'rows' });
    expect(findColour(readPng(inDir('none.png')), '#bdbdbd').length).toBeGreaterThan(500_000);
  });

  test.each([
    [{ by: 'size' }, 'by size is not order or rows'],
    [{ palette: 'jet' }, 'there is no palette jet'],
  ])('%j is refused', async (options, message) => {
    const refusal = refusalOf(() =>
      drawPartitions(catalogOf([]), inDir('bad.png'), options as { by: 'rows' }),
    );
    expect((await refusal).split('\n')[0]).toBe(message);
  });
});

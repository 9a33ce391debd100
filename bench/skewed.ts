/** A catalog with one partition ten times the others: the same rows as an even one, cut otherwise. */
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { generateCatalog } from '../index.ts';
import { containsPixel, type Pixel } from '../partitioning/pixel.ts';
import { dataDir, madeOnce, type Pair, pairSpecs } from './data.ts';

/** How many partitions the even catalog has, about. */
const PARTITIONS = 80;
const TIMES = 10;

/** Pairs of the same rows: cut evenly, and with one partition in which ten others are one. */
export async function skewedPairs(
  rows: number,
  rightRows: number,
): Promise<{ readonly even: Pair; readonly skewed: Pair }> {
  const at = (cut: string): Pair => {
    const dir = join(dataDir, `${rows}x${rightRows}-${cut}`);
    return { left: join(dir, 'gaia'), right: join(dir, 'ztf') };
  };
  const [even, coarse, skewed] = [at('even'), at('coarse'), at('skewed')];
  const { gaia, ztf } = pairSpecs(rows, rightRows);
  for (const [pair, times] of [
    [even, 1],
    [coarse, TIMES],
  ] as const) {
    const cut = (total: number) => ({ rowsPerPartition: Math.ceil((times * total) / PARTITIONS) });
    await madeOnce(pair.left, (path) =>
      generateCatalog(path, { ...gaia, ...cut(rows) }, { marginArcsec: 10 }),
    );
    await madeOnce(pair.right, (path) =>
      generateCatalog(path, { ...ztf, ...cut(rightRows) }, { marginArcsec: 10 }),
    );
  }
  const large = largestPixel(join(coarse.left, 'gaia'));
  for (const side of ['left', 'right'] as const) {
    await madeOnce(skewed[side], async (path) => {
      mix(even[side], coarse[side], large, path);
    });
  }
  return { even, skewed };
}

/** Copies the collection `fine`, but what lies in `large`, which comes from `coarse`. */
function mix(fine: string, coarse: string, large: Pixel, to: string): void {
  cpSync(fine, to, { recursive: true });
  for (const entry of readdirSync(to, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    const catalog = join(to, entry.name);
    const kept = partitionsOf(catalog).filter((pixel) => !containsPixel(large, pixel));
    for (const pixel of partitionsOf(catalog)) {
      if (containsPixel(large, pixel)) rmSync(join(catalog, leafOf(pixel)));
    }
    const added = partitionsOf(join(coarse, entry.name)).filter((pixel) =>
      containsPixel(large, pixel),
    );
    for (const pixel of added) {
      const leaf = leafOf(pixel);
      mkdirSync(join(catalog, leaf, '..'), { recursive: true });
      cpSync(join(coarse, entry.name, leaf), join(catalog, leaf));
    }
    // The list of partitions is enough; the footers in one file would be those of the even cut.
    rmSync(join(catalog, 'dataset', '_metadata'), { force: true });
    const lines = [...kept, ...added].map(({ order, pixel }) => `${order},${pixel}`);
    writeFileSync(join(catalog, 'partition_info.csv'), `${['Norder,Npix', ...lines].join('\n')}\n`);
  }
}

/** Of the catalog's partitions: the one with the most bytes. */
function largestPixel(catalog: string): Pixel {
  const sizes = partitionsOf(catalog).map((pixel) => ({
    pixel,
    bytes: statSync(join(catalog, leafOf(pixel))).size,
  }));
  return sizes.reduce((most, one) => (one.bytes > most.bytes ? one : most)).pixel;
}

function partitionsOf(catalog: string): Pixel[] {
  const [, ...lines] = readFileSync(join(catalog, 'partition_info.csv'), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [order, pixel] = line.split(',').map(Number);
    return { order: order!, pixel: pixel! };
  });
}

function leafOf({ order, pixel }: Pixel): string {
  const dir = Math.floor(pixel / 10_000) * 10_000;
  return join('dataset', `Norder=${order}`, `Dir=${dir}`, `Npix=${pixel}.parquet`);
}

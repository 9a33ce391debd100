/** Files of two catalogs that belong together: grouped by the coarser partition, as a match reads them. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { containsPixel, type Pixel } from '../partitioning/pixel.ts';
import type { Pair } from './data.ts';

export interface FileCell {
  readonly left: readonly string[];
  readonly right: readonly string[];
}

/** Cells that have files of both sides. */
export function fileCells(pair: Pair): FileCell[] {
  const [left, right] = [leavesOf(pair.left), leavesOf(pair.right)];
  const all = [...left, ...right].map(({ pixel }) => pixel);
  const isCell = ({ order, pixel }: Pixel, i: number) =>
    all.every((other) => !containsPixel(other, { order, pixel }) || other.order === order) &&
    all.findIndex((other) => other.order === order && other.pixel === pixel) === i;
  const filesIn = (cell: Pixel, leaves: readonly Leaf[]) =>
    leaves.filter(({ pixel }) => containsPixel(cell, pixel)).map(({ file }) => file);
  return all
    .filter(isCell)
    .map((cell) => ({ left: filesIn(cell, left), right: filesIn(cell, right) }))
    .filter((cell) => cell.left.length > 0 && cell.right.length > 0);
}

interface Leaf {
  readonly pixel: Pixel;
  readonly file: string;
}

function leavesOf(collection: string): Leaf[] {
  const catalog = join(collection, basename(collection));
  const text = readFileSync(join(catalog, 'partition_info.csv'), 'utf8').trim();
  const [names, ...lines] = text.split('\n').map((line) => line.split(','));
  return lines.map((fields) => {
    const [order, pixel] = ['Norder', 'Npix'].map((name) => Number(fields[names!.indexOf(name)]));
    const dir = Math.floor(pixel! / 10_000) * 10_000;
    const file = join(catalog, 'dataset', `Norder=${order}`, `Dir=${dir}`, `Npix=${pixel}.parquet`);
    return { pixel: { order: order!, pixel: pixel! }, file };
  });
}

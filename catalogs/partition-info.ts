/** `partition_info.csv`: the list of a catalog's partitions. */
import { dataError } from '../partitioning/error.ts';
import {
  checkPixel,
  compareNested,
  containsPixel,
  type Pixel,
  pixelText,
} from '../partitioning/pixel.ts';

export const PARTITION_LIST = 'partition_info.csv';
/** Room for a partition list of ten million pixels. */
export const MAX_PARTITION_LIST_BYTES = 256 * 1024 * 1024;

/**
 * Pixels of a `partition_info.csv`, in NESTED order whatever their order in the file. Columns are found by
 * name; all but `Norder` and `Npix` are ignored.
 * @param where path of the file, for messages
 * @throws the `data` error for a header without those names, a row that is no pixel, or an overlap
 */
export function parsePartitionInfo(text: string, where: string): Pixel[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r\n|\n|\r/);
  const header = cells(lines[0]!);
  const orderAt = header.indexOf('Norder');
  const pixelAt = header.indexOf('Npix');
  if (orderAt < 0 || pixelAt < 0) {
    throw dataError(
      `the partition list has no columns Norder and Npix but ${header.join(', ')}`,
      where,
    );
  }
  const pixels: Pixel[] = [];
  for (let i = 1; i < lines.length; i += 1) {
    const line = lines[i]!;
    if (line.trim() === '') continue;
    const row = cells(line);
    try {
      pixels.push(checkPixel(wholeNumber(row[orderAt]), wholeNumber(row[pixelAt])));
    } catch (error) {
      throw dataError(
        `line ${i + 1} of the partition list is no pixel: ${(error as Error).message}`,
        where,
      );
    }
  }
  return sortedPixels(pixels, where);
}

/**
 * Pixels in NESTED order.
 * @param where the catalog or file they come from, for messages
 * @throws the `data` error when two of them overlap: rows could then be counted twice
 */
export function sortedPixels(pixels: readonly Pixel[], where: string): Pixel[] {
  const sorted = [...pixels].sort(compareNested);
  for (let i = 1; i < sorted.length; i += 1) {
    // With coarser pixels first among equals, any overlap shows between neighbours.
    if (containsPixel(sorted[i - 1]!, sorted[i]!)) {
      const [outer, inner] = [pixelText(sorted[i - 1]!), pixelText(sorted[i]!)];
      const what = outer === inner ? `${outer} is listed twice` : `${outer} contains ${inner}`;
      throw dataError(`the catalog has overlapping partitions: ${what}`, where);
    }
  }
  return sorted;
}

/** Text of `partition_info.csv` as the reference writes it: `Norder,Npix` in NESTED order. */
export function formatPartitionInfo(pixels: readonly Pixel[]): string {
  const sorted = sortedPixels(pixels, 'partition_info.csv');
  return ['Norder,Npix', ...sorted.map((p) => `${p.order},${p.pixel}`), ''].join('\n');
}

function cells(line: string): string[] {
  return line.split(',').map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
}

function wholeNumber(text: string | undefined): number {
  if (text === undefined || !/^\d+$/.test(text))
    throw new RangeError(`'${text ?? ''}' is no whole number`);
  return Number(text);
}

/** From pieces to partitions: the row threshold decides, whole pieces are moved, small ones merged. */
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { leafPath } from '../../catalogs/finish-catalog.ts';
import { placePiece } from '../../catalogs/pieces.ts';
import { indexRange, type Pixel, parentAt, pixelText } from '../../partitioning/pixel.ts';
import { layout } from '../../partitioning/threshold.ts';
import { buildTree, overlapping } from '../../partitioning/tree.ts';
import type { Executor } from '../executor.ts';
import { createTracker, type OnProgress } from '../physical/progress.ts';
import { schedule, type WeightedTask } from '../physical/schedule.ts';
import { addStats, type RunStats } from '../physical/stats.ts';
import { INDEX_COLUMN } from '../plan/schema.ts';
import type { ParquetOptions, Piece } from '../task.ts';

export interface PlaceOptions {
  readonly executor: Executor;
  /** Root of the catalog in the making; files go to its `dataset/`. */
  readonly dir: string;
  readonly maxRows: number;
  readonly parquet: ParquetOptions;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** One partition of the output. */
export interface PlacedPartition {
  readonly pixel: Pixel;
  readonly rows: number;
}

/**
 * Puts `pieces` in place as partitions of at most `maxRows` rows. The layout is a function of the row counts
 * alone: however finely the work was cut, the same partitions come out. Pieces are moved, not copied, where
 * one is a partition already.
 */
export async function placePieces(
  pieces: readonly Piece[],
  options: PlaceOptions,
  stats: RunStats,
): Promise<PlacedPartition[]> {
  const groups = groupPieces(pieces, options.maxRows);
  const merges: WeightedTask[] = [];
  for (const { pixel, members } of groups) {
    const output = join(options.dir, leafPath(pixel));
    await mkdir(dirname(output), { recursive: true });
    if (members.length === 1) {
      await placePiece(members[0]!.file, output);
      continue;
    }
    merges.push({
      task: {
        kind: 'merge',
        id: merges.length,
        inputs: members.map(({ file }) => file),
        output,
        ...(areDisjoint(members) ? {} : { sortBy: INDEX_COLUMN }),
        parquet: options.parquet,
      },
      weight: members.reduce((sum, { rows }) => sum + rows, 0),
    });
  }
  const track = createTracker('merge', merges, options.onProgress);
  const results = schedule(options.executor, merges, {
    signal: options.signal,
    clock: stats.clock,
    ordered: false,
    onDone: (result, weight) => {
      addStats(stats, result);
      track(weight, weight);
    },
  });
  for await (const _ of results);
  return groups.map(({ pixel, members }) => ({
    pixel,
    rows: members.reduce((sum, { rows }) => sum + rows, 0),
  }));
}

interface Group {
  readonly pixel: Pixel;
  /** In NESTED order. */
  readonly members: readonly Piece[];
}

/** The partitions of the output and the pieces that make up each. */
export function groupPieces(pieces: readonly Piece[], maxRows: number): Group[] {
  if (pieces.length === 0) return [];
  const order = Math.max(...pieces.map(({ pixel }) => pixel.order));
  // A piece is never cut: its rows stand at its first pixel of the deepest order.
  const counts = new Map<number, number>();
  for (const { pixel, rows } of pieces) {
    const first = pixel.pixel * 4 ** (order - pixel.order);
    counts.set(first, (counts.get(first) ?? 0) + rows);
  }
  const pixels = Float64Array.from(counts.keys()).sort();
  const histogram = {
    order,
    pixels,
    counts: Float64Array.from(pixels, (pixel) => counts.get(pixel)!),
  };
  const partitions = layout(histogram, maxRows, { maxOrder: order });
  const tree = buildTree(liftToPieces(partitions, pieces));
  const members = tree.pixels.map((): Piece[] => []);
  for (const piece of pieces) {
    const [home] = overlapping(tree, piece.pixel);
    if (home === undefined) throw new Error(`no partition for the piece ${pixelText(piece.pixel)}`);
    members[home]!.push(piece);
  }
  return tree.pixels.map((pixel, i) => ({
    pixel,
    members: members[i]!.sort((a, b) => {
      const first = indexRange(a.pixel).start - indexRange(b.pixel).start;
      if (first !== 0n) return first < 0n ? -1 : 1;
      // Pieces of one pixel out of two cells: any order will do, as long as it is always the same.
      return a.pixel.order - b.pixel.order || (basename(a.file) < basename(b.file) ? -1 : 1);
    }),
  }));
}

/** A partition inside a piece (one that could not be cut small enough) becomes the piece's pixel. */
function liftToPieces(partitions: readonly Pixel[], pieces: readonly Piece[]): Pixel[] {
  const known = new Set(pieces.map(({ pixel }) => pixelText(pixel)));
  const out = new Map<string, Pixel>();
  for (const partition of partitions) {
    let lifted = partition;
    for (let order = partition.order - 1; order >= 0; order--) {
      const parent = parentAt(partition, order);
      if (known.has(pixelText(parent))) lifted = parent;
    }
    out.set(pixelText(lifted), lifted);
  }
  return [...out.values()];
}

function areDisjoint(pieces: readonly Piece[]): boolean {
  for (let i = 1; i < pieces.length; i++) {
    if (indexRange(pieces[i]!.pixel).start < indexRange(pieces[i - 1]!.pixel).end) return false;
  }
  return true;
}

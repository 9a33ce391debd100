/** Files of flat columns, written one after the other, row group by row group. */
import type { EncodedChunk } from '../../catalogs/parquet-encode.ts';
import type { PageCodec } from '../../catalogs/parquet-page-write.ts';
import { GroupWriter } from '../../catalogs/parquet-write.ts';
import type { Column } from '../../catalogs/types.ts';
import type { RowRange } from './plain-rows.ts';

/** Rows [from, to) of those that are known go to a file. */
export interface PlainPiece extends RowRange {
  readonly path: string;
}

/** Rows of a row group of a piece. */
export interface PieceGroup extends RowRange {
  readonly piece: PlainPiece;
}

export function groupsOf(piece: PlainPiece, rows: number): PieceGroup[] {
  const groups: PieceGroup[] = [];
  for (let from = piece.from; from < piece.to; from += rows) {
    groups.push({ piece, from, to: Math.min(piece.to, from + rows) });
  }
  return groups;
}

/** The files, one after the other. */
export class PlainOutput {
  readonly #columns: readonly Column[];
  readonly codec: PageCodec;
  #writer: GroupWriter | null = null;

  constructor(columns: readonly Column[], codec: PageCodec) {
    this.#columns = columns;
    this.codec = codec;
  }

  add({ piece, from, to }: PieceGroup, chunks: readonly EncodedChunk[]): void {
    if (from === piece.from) this.#writer = new GroupWriter(piece.path, this.#columns, this.codec);
    this.#writer!.add(chunks);
    if (to !== piece.to) return;
    this.#writer!.end();
    this.#writer = null;
  }

  addEmpty({ path }: PlainPiece): void {
    this.#writer = new GroupWriter(path, this.#columns, this.codec);
    this.#writer.end();
    this.#writer = null;
  }

  /** What is not whole stays as it is. */
  close(): void {
    this.#writer?.close();
  }
}

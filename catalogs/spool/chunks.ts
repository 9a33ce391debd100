/** From the column chunks that are needed to the ranges that are asked for. */

/** A part of a remote file: bytes [start, end). */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Bytes between ranges that are read along, over all of them, as a share of what is needed. */
const MAX_WASTE = 0.04;
/** A wider gap is never read along: a request costs less. */
const MAX_GAP_BYTES = 1 << 18;
/** A longer range is asked for in parts: they come side by side, and one slow part is soon asked for again. */
export const MAX_RANGE_BYTES = 16 << 20;

/**
 * Few ranges that hold all of `needed`, at most {@link MAX_WASTE} more bytes: neighbours become one, nearest first.
 * Ascending, not overlapping, none longer than {@link MAX_RANGE_BYTES}.
 */
export function mergedRanges(needed: readonly ByteRange[]): ByteRange[] {
  const sorted = [...needed].filter((r) => r.end > r.start).sort((a, b) => a.start - b.start);
  const joined: { start: number; end: number }[] = [];
  for (const { start, end } of sorted) {
    const last = joined.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else joined.push({ start, end });
  }
  const allowed = joined.reduce((sum, r) => sum + r.end - r.start, 0) * MAX_WASTE;
  const gaps = joined.slice(1).map((range, i) => ({ i, bytes: range.start - joined[i]!.end }));
  gaps.sort((a, b) => a.bytes - b.bytes || a.i - b.i);
  const closed = new Set<number>();
  let wasted = 0;
  for (const { i, bytes } of gaps) {
    if (bytes > MAX_GAP_BYTES || wasted + bytes > allowed) break;
    wasted += bytes;
    closed.add(i);
  }
  const out: ByteRange[] = [];
  let from = 0;
  for (let i = 0; i < joined.length; i++) {
    if (closed.has(i)) continue;
    out.push(...inParts({ start: joined[from]!.start, end: joined[i]!.end }));
    from = i + 1;
  }
  return out;
}

function inParts({ start, end }: ByteRange): ByteRange[] {
  const parts = Math.max(1, Math.ceil((end - start) / MAX_RANGE_BYTES));
  const step = Math.ceil((end - start) / parts);
  return Array.from({ length: parts }, (_, i) => ({
    start: start + i * step,
    end: Math.min(end, start + (i + 1) * step),
  }));
}

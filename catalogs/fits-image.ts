/** Sections of images in FITS files, read by ranges: only the rows of the section leave the disk or the server. */
import { dataError, requestError } from '../partitioning/error.ts';
import { type FitsSource, type FitsUnit, numberCard } from './fits.ts';

/** Bounds of one axis, 1-based and inclusive as FITS counts pixels; absent bounds: the whole axis. */
export interface AxisBounds {
  readonly from?: number;
  readonly to?: number;
}

export interface ImageSection {
  /** Pixels along each axis, the fastest first (NAXIS1 comes first). */
  readonly shape: readonly number[];
  /** First pixel of each axis, 1-based. */
  readonly origin: readonly number[];
  /** Values with BSCALE and BZERO applied; blank integers are NaN. */
  readonly values: Float64Array;
}

/** Rows nearer than that are read in one range: a request costs about as much as so many bytes. */
const MAX_GAP_BYTES = 1 << 17;
/** Longest single range. */
const MAX_READ_BYTES = 1 << 24;
/** A section that would not fit memory is a mistake. */
const MAX_SECTION_VALUES = 2 ** 28;

/** True for units that hold an image. */
export function isImage({ header }: FitsUnit): boolean {
  const kind = header.get('XTENSION');
  return (kind === undefined || kind === 'IMAGE') && (numberCard(header, 'NAXIS') ?? 0) > 0;
}

/**
 * Pixels of a section, the fastest axis first.
 * @throws the `request` error for bounds outside the image, the `data` error for images of unknown pixels
 */
export async function readImageSection(
  source: FitsSource,
  unit: FitsUnit,
  bounds: readonly AxisBounds[],
): Promise<ImageSection> {
  const { header, dataStart } = unit;
  const axes = axesOf(unit, source.where);
  if (bounds.length > axes.length) {
    throw requestError(
      `the section has ${bounds.length} axes and the image ${axes.length}`,
      undefined,
      source.where,
    );
  }
  const parts = axes.map((length, i) => boundsIn(length, bounds[i] ?? {}, i, source.where));
  const shape = parts.map(({ from, to }) => to - from + 1);
  const count = shape.reduce((product, length) => product * length, 1);
  if (count > MAX_SECTION_VALUES) {
    throw requestError(`the section has ${count} pixels`, 'Ask for a smaller one.', source.where);
  }
  const bitpix = numberCard(header, 'BITPIX') ?? 8;
  const pixelBytes = Math.abs(bitpix) / 8;
  const decode = decoderOf(unit, source.where);
  const rows = rowStarts(axes, parts).map((pixel) => dataStart + pixel * pixelBytes);
  const rowBytes = shape[0]! * pixelBytes;
  const values = new Float64Array(count);
  let row = 0;
  for (const { start, end } of grouped(rows, rowBytes)) {
    const bytes = await source.read(start, end);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (; row < rows.length && rows[row]! < end; row++) {
      decode(view, rows[row]! - start, shape[0]!, values, row * shape[0]!);
    }
  }
  return { shape, origin: parts.map(({ from }) => from), values };
}

function axesOf({ header }: FitsUnit, where: string): number[] {
  const axes = numberCard(header, 'NAXIS') ?? 0;
  const lengths = Array.from({ length: axes }, (_, i) => numberCard(header, `NAXIS${i + 1}`) ?? 0);
  if (axes === 0 || lengths.includes(0)) throw dataError('the unit holds no image', where);
  return lengths;
}

function boundsIn(
  length: number,
  { from = 1, to = length }: AxisBounds,
  axis: number,
  where: string,
) {
  const whole = Number.isInteger(from) && Number.isInteger(to);
  if (whole && from >= 1 && to <= length && from <= to) return { from, to };
  throw requestError(
    `axis ${axis + 1} has the pixels 1 to ${length}; the section asks for ${from} to ${to}`,
    undefined,
    where,
  );
}

/** Number of the first pixel of every row of the section, in the order of the file. */
function rowStarts(
  axes: readonly number[],
  parts: readonly { readonly from: number; readonly to: number }[],
): number[] {
  let starts = [parts[0]!.from - 1];
  let stride = axes[0]!;
  for (let axis = 1; axis < axes.length; axis++) {
    const { from, to } = parts[axis]!;
    const next: number[] = [];
    for (let i = from - 1; i < to; i++) for (const start of starts) next.push(start + i * stride);
    starts = next;
    stride *= axes[axis]!;
  }
  return starts;
}

function grouped(rows: readonly number[], rowBytes: number): { start: number; end: number }[] {
  const groups: { start: number; end: number }[] = [];
  for (const start of rows) {
    const last = groups.at(-1);
    const end = start + rowBytes;
    const fits =
      last !== undefined && start - last.end <= MAX_GAP_BYTES && end - last.start <= MAX_READ_BYTES;
    if (fits) last.end = end;
    else groups.push({ start, end });
  }
  return groups;
}

type Decode = (view: DataView, at: number, count: number, out: Float64Array, to: number) => void;

/** FITS standard 4.0, section 4.4.1: big-endian pixels by BITPIX; section 5.3 for the scaling. */
function decoderOf({ header }: FitsUnit, where: string): Decode {
  const bitpix = numberCard(header, 'BITPIX') ?? 8;
  const scale = numberCard(header, 'BSCALE') ?? 1;
  const zero = numberCard(header, 'BZERO') ?? 0;
  const blank = bitpix > 0 ? numberCard(header, 'BLANK') : undefined;
  const read = PIXELS[bitpix];
  if (read === undefined) throw dataError(`the image has pixels of BITPIX ${bitpix}`, where);
  const bytes = Math.abs(bitpix) / 8;
  return (view, at, count, out, to) => {
    for (let i = 0; i < count; i++) {
      const value = read(view, at + i * bytes);
      out[to + i] = value === blank ? Number.NaN : value * scale + zero;
    }
  };
}

const PIXELS: Readonly<Record<number, (view: DataView, at: number) => number>> = {
  8: (view, at) => view.getUint8(at),
  16: (view, at) => view.getInt16(at),
  32: (view, at) => view.getInt32(at),
  64: (view, at) => Number(view.getBigInt64(at)),
  [-32]: (view, at) => view.getFloat32(at),
  [-64]: (view, at) => view.getFloat64(at),
};

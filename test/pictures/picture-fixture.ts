/** Maps to draw, a folder for the pictures, and the pictures read back. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PNG } from 'pngjs';
import { CrosshatchError } from '../../partitioning/error.ts';
import type { Frame } from '../../pictures/frame.ts';
import type { ViewKind, ViewRequest } from '../../pictures/view.ts';

/** A folder of one test file. */
export function pictureFolder() {
  const dir = mkdtempSync(path.join(tmpdir(), 'crosshatch-pictures-'));
  return {
    inDir: (name: string) => path.join(dir, name),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

export interface Pixels {
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity. */
  readonly rgba: Uint8Array;
  /** `#rrggbb`, and two digits more where a pixel is not opaque. */
  at(x: number, y: number): string;
}

/** A PNG file, decoded by another program than the one that wrote it. */
export function readPng(file: string | Uint8Array): Pixels {
  const { width, height, data } = PNG.sync.read(
    Buffer.from(typeof file === 'string' ? readFileSync(file) : file),
  );
  const at = (x: number, y: number) => {
    const bytes = [...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4)];
    const shown = bytes[3] === 255 ? bytes.slice(0, 3) : bytes;
    return `#${shown.map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
  };
  return { width, height, rgba: data, at };
}

/** Places of the opaque pixels with that colour. */
export function findColour(picture: Pixels, colour: string): [x: number, y: number][] {
  const { width, rgba } = picture;
  const [red, green, blue] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  const found: [number, number][] = [];
  for (let i = 0; i < rgba.length; i += 4) {
    if (rgba[i] !== red || rgba[i + 1] !== green || rgba[i + 2] !== blue) continue;
    if (rgba[i + 3] === 255) found.push([(i / 4) % width, Math.floor(i / 4 / width)]);
  }
  return found;
}

/** All pixels of an order, valued by a function of their number. */
export function wholeMap(order: number, valued: (pixel: number) => number) {
  const pixels = Float64Array.from({ length: 12 * 4 ** order }, (_, i) => i);
  return { order, pixels, values: pixels.map(valued) };
}

/** Message of the request error that a call ends with. */
export async function refusalOf(body: () => unknown): Promise<string> {
  try {
    await body();
  } catch (error) {
    if (error instanceof CrosshatchError && error.tag === 'request') return error.message;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** Views of every kind, around hard places, in both directions. */
export const VIEWS: readonly ViewRequest[] = (
  ['mollweide', 'orthographic', 'gnomonic', 'cartesian'] satisfies ViewKind[]
).flatMap((kind) =>
  (
    [
      [0, 0],
      [83.6, -5.4],
      [266, 90],
      [180, -37.5],
      [10, -90],
    ] as const
  ).flatMap((centre) =>
    ([-1, 1] as const).flatMap(
      (east) =>
        [false, true].map((halfSky) => ({
          ...{ kind, centre, east, halfSky, frame: (halfSky ? 'G' : 'C') as Frame, width: 120 },
          sizeDegrees: halfSky ? 100 : 8,
          ...(halfSky ? { longitudeRange: [-40, 70], latitudeRange: [-10, 30] } : {}),
        })) satisfies ViewRequest[],
    ),
  ),
);

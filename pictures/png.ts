/** PNG files (W3C Portable Network Graphics, second edition): 8-bit colour, with opacity where a pixel needs it. */
import { promisify } from 'node:util';
import { crc32, deflate } from 'node:zlib';
import type { Raster } from './raster.ts';

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const COLOUR_TYPE_RGB = 2;
const COLOUR_TYPE_RGBA = 6;
/** Each byte less that of the pixel to the left: maps have runs of equal pixels. */
const FILTER_SUB = 1;

const pack = promisify(deflate);

/** With one version of Node the same pixels give the same bytes. */
export async function encodePng(raster: Raster): Promise<Uint8Array> {
  const channels = isOpaque(raster) ? 3 : 4;
  const header = new DataView(new ArrayBuffer(13));
  header.setUint32(0, raster.width);
  header.setUint32(4, raster.height);
  header.setUint8(8, 8);
  header.setUint8(9, channels === 3 ? COLOUR_TYPE_RGB : COLOUR_TYPE_RGBA);
  const data = await pack(filteredRows(raster, channels), { level: 6 });
  return Buffer.concat([
    SIGNATURE,
    chunk('IHDR', new Uint8Array(header.buffer)),
    chunk('IDAT', data),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

function isOpaque({ rgba }: Raster): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) return false;
  return true;
}

function filteredRows({ width, height, rgba }: Raster, channels: number): Uint8Array {
  const out = new Uint8Array(height * (1 + width * channels));
  let to = 0;
  for (let row = 0; row < height; row++) {
    out[to++] = FILTER_SUB;
    let from = 4 * row * width;
    for (let channel = 0; channel < channels; channel++) out[to++] = rgba[from + channel]!;
    from += 4;
    for (let column = 1; column < width; column++, from += 4) {
      for (let channel = 0; channel < channels; channel++) {
        out[to++] = rgba[from + channel]! - rgba[from + channel - 4]!;
      }
    }
  }
  return out;
}

/** Length, type, data, and the checksum of the last two. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(Buffer.from(type, 'latin1'), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodePng } from '../../pictures/png.ts';
import { readPng } from './picture-fixture.ts';

test('what is written is what another program reads, with opacity only where it is needed', async () => {
  const size = fc.integer({ min: 1, max: 20 });
  const pictures = fc.tuple(size, size, fc.boolean()).chain(([width, height, opaque]) =>
    fc.record({
      width: fc.constant(width),
      height: fc.constant(height),
      opaque: fc.constant(opaque),
      bytes: fc.uint8Array({ minLength: 4 * width * height, maxLength: 4 * width * height }),
    }),
  );
  await fc.assert(
    fc.asyncProperty(pictures, async ({ width, height, opaque, bytes }) => {
      const rgba = bytes.map((byte, i) => (opaque && i % 4 === 3 ? 255 : byte));
      const png = await encodePng({ width, height, rgba });
      const read = readPng(png);
      expect([read.width, read.height]).toEqual([width, height]);
      for (let i = 0; i < width * height; i++) {
        const [red, green, blue, opacity] = rgba.subarray(4 * i, 4 * i + 4);
        const parts = opacity === 255 ? [red, green, blue] : [red, green, blue, opacity];
        const text = parts.map((part) => part!.toString(16).padStart(2, '0')).join('');
        expect(read.at(i % width, Math.floor(i / width))).toBe(`#${text}`);
      }
      // Byte 25 tells: 2 is red, green and blue, 6 opacity too.
      if (opaque) expect(png[25]).toBe(2);
    }),
  );
});

import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { curvePoints, type LightCurve, usualBand } from '../../pictures/curve-points.ts';
import { drawLightCurve, type LightCurveOptions } from '../../pictures/light-curve.ts';
import { findColour, pictureFolder, readPng, refusalOf } from './picture-fixture.ts';

const { inDir, remove } = pictureFolder();
afterAll(remove);

async function drawn(curve: LightCurve, options: LightCurveOptions = {}) {
  await drawLightCurve(curve, inDir('curve.png'), { widthPixels: 600, ...options });
  return readPng(inDir('curve.png'));
}

async function vectors(curve: LightCurve, options: LightCurveOptions = {}): Promise<string> {
  await drawLightCurve(curve, inDir('curve.svg'), options);
  return readFileSync(inDir('curve.svg'), 'utf8');
}

describe('points', () => {
  test('are folded over two cycles, band by band, as a plain loop folds them', () => {
    const number = fc.double({ min: -1e5, max: 1e5, noNaN: true });
    const row = fc.record({ t: number, m: number, band: fc.constantFrom('g', 'r', 'x') });
    fc.assert(
      fc.property(
        fc.array(row, { minLength: 1, maxLength: 40 }),
        fc.double({ min: 0.01, max: 500, noNaN: true }),
        fc.option(number, { nil: undefined }),
        (rows, period, epoch) => {
          const curve = {
            time: rows.map(({ t }) => t),
            mag: rows.map(({ m }) => m),
            band: rows.map(({ band }) => band),
          };
          const start = epoch ?? Math.min(...curve.time);
          const bands = curvePoints(curve, { period, epoch });
          expect(bands.map(({ band }) => band)).toEqual(
            ['g', 'r', 'x'].filter((band) => curve.band.some((name) => name === band)),
          );
          for (const { band, x, mag } of bands) {
            const own = rows.filter((one) => one.band === band);
            expect(x).toHaveLength(2 * own.length);
            own.forEach(({ t, m }, i) => {
              const phase = x[i]!;
              expect(phase >= 0 && phase < 1).toBe(true);
              // The phase and the time are the same but for whole cycles.
              const cycles = (t - start) / period - phase;
              expect(Math.abs(cycles - Math.round(cycles))).toBeLessThan(1e-6);
              expect(x[own.length + i]).toBe(1 + phase);
              expect([mag[i], mag[own.length + i]]).toEqual([m, m]);
            });
          }
        },
      ),
    );
  });

  test('that are not numbers are left out, errors that say nothing count as none', () => {
    const curve = {
      time: [1, Number.NaN, 3, 4, 5, 6],
      mag: [10, 11, Number.NaN, 13, 14, Number.POSITIVE_INFINITY],
      error: [0.1, 0.1, 0.1, Number.NaN, -1, 0.1],
    };
    expect(curvePoints(curve, undefined)).toEqual([
      {
        band: '',
        x: Float64Array.of(1, 4, 5),
        mag: Float64Array.of(10, 13, 14),
        error: Float64Array.of(0.1, 0, 0),
      },
    ]);
    expect(curvePoints({ time: [Number.NaN], mag: [1] }, undefined)).toEqual([]);
  });

  test.each([
    ['g', 'g'],
    ['zr', 'r'],
    ['z', 'z'],
    ['ztf_i', 'i'],
    ['LSST-Y', 'y'],
    ['u', 'u'],
    ['V', undefined],
    ['BP', undefined],
    ['clear', undefined],
    ['', undefined],
  ])('the band %s is the usual %s', (band, letter) => {
    expect(usualBand(band)).toBe(letter);
  });

  test('come from short wavelengths to long ones, other names after them', () => {
    const band = ['W2', 'y', 'zr', 'W1', 'g', 'i', 'u', 'z'];
    const curve = { time: band.map((_, i) => i), mag: band.map(() => 1), band };
    expect(curvePoints(curve, undefined).map((points) => points.band)).toEqual([
      ...['u', 'g', 'zr', 'i', 'z', 'y', 'W1', 'W2'],
    ]);
  });
});

describe('the plot', () => {
  const GREEN = '#49be61';

  test('has bright points above faint ones, and early ones to the left', async () => {
    const where = async (time: number[], mag: number[]) => {
      // Where the green one is, which the red one helps to place; marks let a tenth of white through.
      const picture = await drawn({ time, mag, band: ['g', 'r'] }, { widthPixels: 1200 });
      const found = findColour(picture, '#5bc571');
      expect(found.length).toBeGreaterThan(10);
      return found[0]!;
    };
    const [leftX, upY] = await where([0, 10], [12, 18]);
    const [rightX, downY] = await where([10, 0], [18, 12]);
    expect(leftX).toBeLessThan(400);
    expect(rightX).toBeGreaterThan(700);
    expect(upY).toBeLessThan(240);
    expect(downY).toBeGreaterThan(360);
  });

  test('names bands, axes and period', async () => {
    const curve = {
      time: [1, 2, 3],
      mag: [10, 11, 12],
      error: [0.1, 0.1, 0.1],
      band: ['g', 'r', 'g'],
    };
    const plain = await vectors(curve, { title: 'A <star>', timeLabel: 'Time [MJD]' });
    for (const text of ['A &lt;star&gt;', 'Time [MJD]', 'Magnitude', 'g', 'r', '10.0']) {
      expect(plain).toContain(`>${text}</text>`);
    }
    expect(plain).toContain(`fill="${GREEN}"`);
    const folded = await vectors(curve, { period: 0.5123456789123 });
    expect(folded).toContain('>Phase (period 0.512345679)</text>');
    expect(folded).toContain('>2.0</text>');
    const unnamed = await vectors({ time: [1], mag: [1] });
    expect(unnamed).not.toContain('></text>');
  });

  test('of no points says so; one point, and equal ones, have room around them', async () => {
    expect(await vectors({ time: [], mag: [] })).toContain('>no points</text>');
    for (const curve of [
      { time: [5], mag: [9] },
      { time: [5, 5, 5], mag: [9, 9, 9], error: [0, 0, 0] },
    ]) {
      const svg = await vectors(curve);
      expect(svg).not.toContain('NaN');
      expect(svg).toContain('>9.0</text>');
    }
  });

  test('cuts error bars that are longer than the curve', async () => {
    const svg = await vectors({ time: [1, 2], mag: [10, 11], error: [0.1, 500] });
    expect(svg).toContain('>10.5</text>');
    expect(svg).not.toContain('>400</text>');
  });

  test('is the same bytes each time', async () => {
    const curve = { time: [1, 2, 3], mag: [10, 11, 12], band: 'i' };
    await drawn(curve);
    const first = readFileSync(inDir('curve.png'));
    await drawn(curve);
    expect(readFileSync(inDir('curve.png')).equals(first)).toBe(true);
  });
});

describe('refused, before anything is written', () => {
  const curve = { time: [1, 2], mag: [10, 11] };

  test.each<[Partial<LightCurve>, object, string]>([
    [{ mag: [1] }, {}, 'the light curve has 2 times and 1 values of mag'],
    [{ error: [1, 2, 3] }, {}, 'the light curve has 2 times and 3 values of error'],
    [{ band: ['g'] }, {}, 'the light curve has 2 times and 1 values of band'],
    [{}, { period: 0 }, 'period 0 is not a number above 0'],
    [{}, { period: Number.NaN }, 'period NaN is not a number above 0'],
    [{}, { period: 1, epoch: Number.NaN }, 'epoch NaN is not a number'],
    [{}, { widthPixels: 20 }, 'widthPixels 20 is not a whole number from 200 to 8000'],
    [{}, { background: 'red' }, 'background red is not white or transparent'],
  ])('%j %j', async (more, options, message) => {
    const file = inDir('none.png');
    expect(await refusalOf(() => drawLightCurve({ ...curve, ...more }, file, options))).toBe(
      message,
    );
    expect(existsSync(file)).toBe(false);
  });

  test('another ending', async () => {
    const file = inDir('none.jpg');
    expect(await refusalOf(() => drawLightCurve(curve, file))).toBe(
      `a picture is a .png or .svg file, not .jpg (${file})`,
    );
  });
});

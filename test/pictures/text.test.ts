import { describe, expect, test } from 'vitest';
import { textOutlines, textWidth, wrapText } from '../../pictures/font.ts';
import {
  digitsFor,
  fixedText,
  powerText,
  tickTexts,
  valueText,
} from '../../pictures/number-text.ts';
import { createPalette, PALETTE_NAMES } from '../../pictures/palette.ts';
import { refusalOf } from './picture-fixture.ts';

describe('letters', () => {
  test('have the widths of DejaVu Sans', () => {
    // Advance widths of the font in 2048 parts of its size.
    expect(textWidth('A', 2048)).toBe(1401);
    expect(textWidth('iW', 2048)).toBe(569 + 2025);
    expect(textWidth('', 10)).toBe(0);
  });

  test('stand on their baseline, or run up from it', () => {
    const across = textOutlines('H', 100, { x: 10, y: 50 });
    const ys = across.flatMap((line) => [...line].filter((_, i) => i % 2 === 1));
    expect(Math.max(...ys)).toBeCloseTo(50, 6);
    expect(Math.min(...ys)).toBeCloseTo(50 - 72.9, 1);
    const up = textOutlines('H', 100, { x: 10, y: 50, upright: true });
    const xs = up.flatMap((line) => [...line].filter((_, i) => i % 2 === 0));
    expect(Math.max(...xs)).toBeCloseTo(10, 6);
  });

  test.each(['″', '′', '°', '−', '×', '⁻⁷', 'α', 'δ', 'Ω', 'µ', '☉', 'ø', 'Ž', 'Ж', '√', '→'])(
    '%s is in the font',
    (sign) => {
      const unknown = textOutlines('漢', 10, { x: 0, y: 0 });
      for (const character of sign) {
        const outlines = textOutlines(character, 10, { x: 0, y: 0 });
        expect(outlines.length).toBeGreaterThan(0);
        expect(outlines).not.toEqual(unknown);
      }
    },
  );

  test('are broken into lines at blanks, and within a word only where it is longer than a line', () => {
    const width = textWidth('wide enough', 10);
    expect(wrapText('wide enough for words', 10, width)).toEqual(['wide enough', 'for words']);
    expect(wrapText('one\ntwo', 10, width)).toEqual(['one', 'two']);
    const lines = wrapText(`a ${'x'.repeat(40)}`, 10, width);
    expect(lines.join('')).toBe(`a${'x'.repeat(40)}`);
    for (const line of lines) expect(textWidth(line, 10)).toBeLessThanOrEqual(width);
  });
});

describe('numbers', () => {
  test.each([
    [0.25, 2],
    [0.2, 1],
    [1, 0],
    [250, 0],
    [0.001, 3],
    [2.5, 1],
    [0, 0],
  ])('steps of %d need %i digits', (step, digits) => {
    expect(digitsFor(step)).toBe(digits);
  });

  test('have a true minus, and zero has none', () => {
    expect([fixedText(-1.25, 1), fixedText(-0.01, 1), fixedText(2, 0)]).toEqual([
      '−1.3',
      '0.0',
      '2',
    ]);
  });

  test.each([
    [1000, '10³'],
    [3e-7, '3×10⁻⁷'],
    [-2e10, '−2×10¹⁰'],
  ])('%d is %s', (value, text) => {
    expect(powerText(value)).toBe(text);
  });

  test.each([
    [0, '0'],
    [1234, '1234'],
    [0.123456, '0.1235'],
    [-7.5, '−7.5'],
    [1.5e9, '1.5×10⁹'],
    [2e-5, '2×10⁻⁵'],
  ])('%d alone is %s', (value, text) => {
    expect(valueText(value)).toBe(text);
  });

  test('of an axis are written alike', () => {
    expect(tickTexts([2_458_000, 2_458_200], 200)).toEqual(['2458000', '2458200']);
    expect(tickTexts([0, 0.5, 1], 0.5)).toEqual(['0.0', '0.5', '1.0']);
    expect(tickTexts([], 1)).toEqual([]);
  });
});

describe('palettes', () => {
  const colours = (name: string) => {
    const palette = createPalette(name);
    return [0, 255].map((step) => [...palette.subarray(3 * step, 3 * step + 3)]);
  };

  test('are those of d3, and run the other way with _r', () => {
    expect(colours('viridis')).toEqual([
      [0x44, 0x01, 0x54],
      [0xfd, 0xe7, 0x25],
    ]);
    expect(colours('viridis_r')).toEqual(colours('viridis').toReversed());
    expect(colours('RDBU')).toEqual(colours('rdBu'));
  });

  test.each(PALETTE_NAMES)('%s has colours', (name) => {
    const palette = createPalette(name);
    expect(new Set(palette).size).toBeGreaterThan(10);
  });

  test('of another name are refused, with the names there are', async () => {
    expect(await refusalOf(() => createPalette('jet'))).toBe(
      `there is no palette jet\nThere are ${PALETTE_NAMES.join(', ')}; with _r at the end they run the other way.`,
    );
    expect(PALETTE_NAMES).toContain('cividis');
  });
});

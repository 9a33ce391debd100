/** Sizes and colours that all pictures share. */
import type { Colour } from './scene.ts';

export const INK: Colour = '#1a1a1a';
/** Of what is there but has no value. */
export const MISSING: Colour = '#bdbdbd';
export const WHITE: Colour = '#ffffff';
/** Of the white edge around letters that stand on a map. */
export const HALO_OPACITY = 0.85;

/** Sizes in pixels of a picture whose text is `text` high. */
export interface Sizes {
  readonly text: number;
  readonly small: number;
  readonly title: number;
  /** Empty space around everything. */
  readonly margin: number;
  /** Width of frames, and of finer lines. */
  readonly line: number;
  readonly hair: number;
  /** Length of a tick. */
  readonly tick: number;
}

export function sizesFor(text: number): Sizes {
  return {
    text,
    small: 0.86 * text,
    title: 1.15 * text,
    margin: Math.ceil(0.8 * text),
    line: Math.max(1, 0.065 * text),
    hair: Math.max(0.8, 0.045 * text),
    tick: 0.35 * text,
  };
}

/** From one line of text to the next, and how far letters reach above and below their baseline, in font sizes. */
export const LINE_HEIGHT = 1.3;
export const ASCENT = 0.76;
export const DESCENT = 0.24;

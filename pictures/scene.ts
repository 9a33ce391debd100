/**
 * What is in a picture, in pixels from its upper left corner, painted in the order of the list. Both forms of a
 * file are made of it, so that they show the same.
 */

/** `#rrggbb` */
export type Colour = string;

/** Points as x, y, x, y, … */
export type Line = Float64Array;

export interface ImageItem {
  readonly kind: 'image';
  /** Whole numbers: image pixels fall on pixels of the picture. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Red, green, blue and opacity, row after row from the top. */
  readonly rgba: Uint8Array;
}

export interface FillItem {
  readonly kind: 'fill';
  /** Closed outlines; where they overlap, the part is filled once. */
  readonly outlines: readonly Line[];
  readonly colour: Colour;
  /** 0 to 1; opaque where absent. */
  readonly opacity?: number;
}

export interface StrokeItem {
  readonly kind: 'stroke';
  readonly lines: readonly Line[];
  /** Joins the last point of each line with its first. */
  readonly closed?: boolean;
  readonly width: number;
  readonly colour: Colour;
  readonly opacity?: number;
}

export interface TextItem {
  readonly kind: 'text';
  readonly text: string;
  /** Where the baseline starts, has its middle, or ends, as `anchor` says. */
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly anchor: 'start' | 'middle' | 'end';
  readonly colour: Colour;
  /** Runs from the bottom up. */
  readonly upright?: boolean;
  /** Width of a white edge around letters that stand on a map. */
  readonly halo?: number;
}

export type Item = ImageItem | FillItem | StrokeItem | TextItem;

export interface Scene {
  readonly width: number;
  readonly height: number;
  /** Absent: transparent. */
  readonly background?: Colour;
  readonly items: readonly Item[];
}

/** Red, green and blue, 0 to 255. */
export function colourBytes(colour: Colour): [number, number, number] {
  const value = Number.parseInt(colour.slice(1), 16);
  return [value >> 16, (value >> 8) & 255, value & 255];
}

export function rectangle(x: number, y: number, width: number, height: number): Line {
  return Float64Array.of(x, y, x + width, y, x + width, y + height, x, y + height);
}

/** Outline of an ellipse, in steps that no eye sees. */
export function ellipse(x: number, y: number, radiusX: number, radiusY = radiusX): Line {
  const points = Math.max(12, Math.ceil(2.5 * Math.sqrt(Math.max(radiusX, radiusY)) * 4));
  const line = new Float64Array(2 * points);
  for (let i = 0; i < points; i++) {
    const angle = (2 * Math.PI * i) / points;
    line[2 * i] = x + radiusX * Math.cos(angle);
    line[2 * i + 1] = y + radiusY * Math.sin(angle);
  }
  return line;
}

/**
 * Fills outlines on a grid of pixels, edges smoothed by the exact area of each pixel that is covered. Every edge
 * adds to the pixels it passes how much of them lies to its right; summed along a row that is the coverage.
 */
import type { Line } from './scene.ts';

/** Coverage 0 to 1 of the pixels of a box. */
export interface Coverage {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly amount: Float32Array;
}

/** The box of pixels that outlines cover, within a picture; `undefined` when they lie outside of it. */
export function coverageOf(
  outlines: readonly Line[],
  width: number,
  height: number,
): Coverage | undefined {
  const box = boxOf(outlines, width, height);
  if (box === undefined) return undefined;
  // One column more than pixels: an edge hands on to the pixel right of it.
  const stride = box.width + 1;
  const deltas = new Float32Array(stride * box.height);
  for (const outline of outlines) {
    const end = outline.length;
    let fromX = outline[end - 2]! - box.x;
    let fromY = outline[end - 1]! - box.y;
    for (let i = 0; i < end; i += 2) {
      const toX = outline[i]! - box.x;
      const toY = outline[i + 1]! - box.y;
      if (fromY < toY) addEdge(deltas, box, fromX, fromY, toX, toY, 1);
      else if (fromY > toY) addEdge(deltas, box, toX, toY, fromX, fromY, -1);
      fromX = toX;
      fromY = toY;
    }
  }
  const amount = new Float32Array(box.width * box.height);
  for (let row = 0; row < box.height; row++) {
    let sum = 0;
    for (let column = 0; column < box.width; column++) {
      sum += deltas[row * stride + column]!;
      const covered = Math.abs(sum);
      amount[row * box.width + column] = covered > 1 ? 1 : covered;
    }
  }
  return { ...box, amount };
}

function boxOf(outlines: readonly Line[], width: number, height: number) {
  let left = Number.POSITIVE_INFINITY;
  let top = Number.POSITIVE_INFINITY;
  let right = Number.NEGATIVE_INFINITY;
  let bottom = Number.NEGATIVE_INFINITY;
  for (const outline of outlines) {
    for (let i = 0; i < outline.length; i += 2) {
      left = Math.min(left, outline[i]!);
      right = Math.max(right, outline[i]!);
      top = Math.min(top, outline[i + 1]!);
      bottom = Math.max(bottom, outline[i + 1]!);
    }
  }
  const x = Math.max(0, Math.floor(left));
  const y = Math.max(0, Math.floor(top));
  const box = {
    x,
    y,
    width: Math.min(width, Math.ceil(right)) - x,
    height: Math.min(height, Math.ceil(bottom)) - y,
  };
  return box.width > 0 && box.height > 0 ? box : undefined;
}

/** An edge that runs down, from (fromX, fromY) to (toX, toY) in pixels of the box; `sign` tells which way it came. */
function addEdge(
  deltas: Float32Array,
  box: { readonly width: number; readonly height: number },
  fromX: number,
  fromY: number,
  toX: number,
  toY: number,
  sign: number,
): void {
  const stride = box.width + 1;
  const slope = (toX - fromX) / (toY - fromY);
  const first = Math.max(0, Math.floor(fromY));
  const last = Math.min(box.height, Math.ceil(toY));
  for (let row = first; row < last; row++) {
    const y0 = Math.max(fromY, row);
    const y1 = Math.min(toY, row + 1);
    if (y1 <= y0) continue;
    const xa = clamp(fromX + (y0 - fromY) * slope, box.width);
    const xb = clamp(fromX + (y1 - fromY) * slope, box.width);
    const left = xa < xb ? xa : xb;
    const right = xa < xb ? xb : xa;
    addSpan(deltas, row * stride, left, right, sign * (y1 - y0));
  }
}

function clamp(x: number, width: number): number {
  return x < 0 ? 0 : x > width ? width : x;
}

/** A piece of an edge within one row, between two columns; `height` is its signed extent down the row. */
function addSpan(
  deltas: Float32Array,
  start: number,
  left: number,
  right: number,
  height: number,
): void {
  const first = Math.floor(left);
  if (right <= first + 1) {
    const part = height * (first + 1 - 0.5 * (left + right));
    deltas[start + first]! += part;
    deltas[start + first + 1]! += height - part;
    return;
  }
  // Area right of the edge up to each column's end, less what earlier columns got.
  const perColumn = height / (right - left);
  let given = 0;
  const last = Math.ceil(right);
  for (let column = first; column < last; column++) {
    const from = Math.max(left, column);
    const to = Math.min(right, column + 1);
    const area =
      perColumn * ((to - from) * (column + 1 - 0.5 * (from + to)) + Math.max(0, from - left));
    deltas[start + column]! += area - given;
    given = area;
  }
  deltas[start + last]! += height - given;
}

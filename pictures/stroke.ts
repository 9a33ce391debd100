/** Turns lines of some width into the outlines of what they cover. */
import type { Line } from './scene.ts';

/** Corners sharper than this are cut off, in half widths. */
const MITRE_LIMIT = 3;

/** Outlines of the strokes of some lines, all running the same way round. */
export function strokeOutlines(lines: readonly Line[], width: number, closed: boolean): Line[] {
  const outlines: Line[] = [];
  for (const line of lines) {
    const points = withoutRepeats(line, closed);
    const count = points.length / 2;
    if (count < 2) continue;
    const { left, right } = sides(points, 0.5 * width, closed && count > 2);
    if (closed && count > 2) outlines.push(left, reversed(right));
    else outlines.push(joined(left, reversed(right)));
  }
  return outlines;
}

function withoutRepeats(line: Line, closed: boolean): Line {
  const kept: number[] = [];
  for (let i = 0; i < line.length; i += 2) {
    const [x, y] = [line[i]!, line[i + 1]!];
    if (kept.length > 0 && Math.hypot(x - kept.at(-2)!, y - kept.at(-1)!) < 1e-6) continue;
    kept.push(x, y);
  }
  const isRing =
    kept.length > 4 && Math.hypot(kept[0]! - kept.at(-2)!, kept[1]! - kept.at(-1)!) < 1e-6;
  if (closed && isRing) kept.length -= 2;
  return Float64Array.from(kept);
}

/** The line moved by `half` to either side. */
function sides(points: Line, half: number, closed: boolean): { left: Line; right: Line } {
  const count = points.length / 2;
  const left = new Float64Array(points.length);
  const right = new Float64Array(points.length);
  for (let i = 0; i < count; i++) {
    const before = i > 0 ? i - 1 : closed ? count - 1 : -1;
    const after = i < count - 1 ? i + 1 : closed ? 0 : -1;
    const [inX, inY] = before < 0 ? [0, 0] : direction(points, before, i);
    const [outX, outY] = after < 0 ? [0, 0] : direction(points, i, after);
    let [normalX, normalY] = [-(inY + outY), inX + outX];
    const length = Math.hypot(normalX, normalY);
    if (length < 1e-9) [normalX, normalY] = [-outY, outX];
    else [normalX, normalY] = [normalX / length, normalY / length];
    // How much longer the offset of a corner is than half the width: one over the cosine of half its angle.
    const cosine = before < 0 || after < 0 ? 1 : -normalX * outY + normalY * outX;
    const reach = half * Math.min(MITRE_LIMIT, 1 / Math.max(cosine, 1e-9));
    left[2 * i] = points[2 * i]! + reach * normalX;
    left[2 * i + 1] = points[2 * i + 1]! + reach * normalY;
    right[2 * i] = points[2 * i]! - reach * normalX;
    right[2 * i + 1] = points[2 * i + 1]! - reach * normalY;
  }
  return { left, right };
}

function direction(points: Line, from: number, to: number): [number, number] {
  const dx = points[2 * to]! - points[2 * from]!;
  const dy = points[2 * to + 1]! - points[2 * from + 1]!;
  const length = Math.hypot(dx, dy);
  return length === 0 ? [0, 0] : [dx / length, dy / length];
}

function reversed(line: Line): Line {
  const out = new Float64Array(line.length);
  for (let i = 0; i < line.length; i += 2) {
    out[i] = line[line.length - 2 - i]!;
    out[i + 1] = line[line.length - 1 - i]!;
  }
  return out;
}

function joined(a: Line, b: Line): Line {
  const out = new Float64Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

/** Grids go from pixels to the sky by our own formulas, lines from the sky to pixels by d3's: each is the other's twin. */
import { describe, expect, test } from 'vitest';
import { createSkyRows } from '../../pictures/project.ts';
import { createSkyPen } from '../../pictures/sky-lines.ts';
import { createView, viewToMap } from '../../pictures/view.ts';
import { VIEWS } from './picture-fixture.ts';

const PLACE = { x: 7, y: 11 };

describe('pixels lead to the sky and back', () => {
  test.each(VIEWS.map((request) => [request.kind, request] as const))('%s %j', (_, request) => {
    const view = createView(request);
    const sky = createSkyRows(view, viewToMap(view, view.frame));
    const pen = createSkyPen(view, PLACE);
    let seen = 0;
    let outside = 0;
    // Not the edges of the whole sky, where one position has several pixels.
    for (let row = 3; row < view.height - 1; row += 7) {
      sky.read(row);
      for (let column = 3; column < view.width - 1; column += 7) {
        if (sky.outside[column] === 1) {
          outside += 1;
          continue;
        }
        const points = pen.pointsOf(sky.ra[column]!, sky.dec[column]!);
        // Points on the rim may be clipped, or appear on the other side.
        if (points.length === 0) continue;
        const errors = points.map(([x, y]) =>
          Math.hypot(x - (PLACE.x + column + 0.5), y - (PLACE.y + row + 0.5)),
        );
        expect(Math.min(...errors)).toBeLessThan(0.01);
        seen += 1;
      }
    }
    const framed = view.kind === 'gnomonic' || view.kind === 'cartesian';
    expect(seen).toBeGreaterThan(100);
    expect(outside > 0).toBe(!framed);
  });
});

describe('east and north', () => {
  const views = (['mollweide', 'orthographic', 'gnomonic', 'cartesian'] as const).flatMap((kind) =>
    ([-1, 1] as const).map((east) => [kind, east] as const),
  );
  test.each(views)('%s, %i', (kind, east) => {
    const view = createView({
      kind,
      east,
      width: 200,
      frame: 'C',
      centre: [40, 0],
      sizeDegrees: 20,
    });
    const pen = createSkyPen(view, { x: 0, y: 0 });
    const [[x, y] = [0, 0]] = pen.pointsOf(40, 0);
    const [[eastX] = [0]] = pen.pointsOf(45, 0);
    const [[, northY] = [0, 0]] = pen.pointsOf(40, 5);
    // East lies to the left unless the view is turned round; north is always up.
    expect(Math.sign(eastX - x)).toBe(east);
    expect(northY).toBeLessThan(y);
  });
});

test('a line that leaves the picture at one side and comes back at the other is cut there', () => {
  const view = createView({ kind: 'mollweide', east: -1, width: 400, frame: 'C', centre: [0, 0] });
  const pen = createSkyPen(view, { x: 0, y: 0 });
  const lines = pen.draw(Array.from({ length: 41 }, (_, i) => [170 + i / 2, 20]));
  expect(lines).toHaveLength(2);
  const ends = lines.map((line) => Math.max(...line.filter((_, i) => i % 2 === 0)));
  expect(Math.abs(ends[0]! - ends[1]!)).toBeGreaterThan(300);
});

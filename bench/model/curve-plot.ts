/** Predicted time and efficiency over cores, as an SVG picture. */
import { significant } from '../report.ts';

interface Point {
  readonly cores: number;
  readonly seconds: number;
  readonly efficiency: number;
}

const [WIDTH, HEIGHT] = [860, 420];
const BOX = { left: 70, right: 790, top: 50, bottom: 360 };

/** Both axes of the time are logarithmic, that of the efficiency is not. */
export function plotCurves(points: readonly Point[]): string {
  const x = logScale([points[0]!.cores, points.at(-1)!.cores], [BOX.left, BOX.right]);
  const measured = points.map((point) => point.seconds);
  const perfect = points.map(({ cores }) => (measured[0]! * points[0]!.cores) / cores);
  const seconds = [...measured, ...perfect];
  const decades = [Math.floor(log10(Math.min(...seconds))), Math.ceil(log10(Math.max(...seconds)))];
  const y = logScale([10 ** decades[0]!, 10 ** decades[1]!], [BOX.bottom, BOX.top]);
  const share = (efficiency: number) => BOX.bottom - efficiency * (BOX.bottom - BOX.top);
  const ticks = Array.from(
    { length: decades[1]! - decades[0]! + 1 },
    (_, i) => 10 ** (decades[0]! + i),
  );
  const ideal = points.map(({ cores }, i) => [x(cores), y(perfect[i]!)] as const);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="white"/>`,
    text(BOX.left, 26, 'Gaia DR3 × ZTF, counted within 1″: predicted', 'start', '#1d2129'),
    ...ticks.map((tick) => grid(y(tick), `${significant(tick)} s`)),
    ...[0, 0.25, 0.5, 0.75, 1].map((value) =>
      text(BOX.right + 12, share(value) + 4, value.toFixed(2), 'start', '#b3541e'),
    ),
    ...points.map(({ cores }) =>
      text(x(cores), BOX.bottom + 20, String(cores), 'middle', '#6b7280'),
    ),
    text((BOX.left + BOX.right) / 2, BOX.bottom + 44, 'cores', 'middle', '#6b7280'),
    line(ideal, '#9ca3af', ' stroke-dasharray="4 4"'),
    line(
      points.map((point) => [x(point.cores), y(point.seconds)] as const),
      '#1f5fa8',
    ),
    line(
      points.map((point) => [x(point.cores), share(point.efficiency)] as const),
      '#b3541e',
    ),
    text(BOX.left + 14, BOX.bottom - 46, '— wall time', 'start', '#1f5fa8'),
    text(BOX.left + 14, BOX.bottom - 28, '— efficiency (right axis)', 'start', '#b3541e'),
    text(BOX.left + 14, BOX.bottom - 10, '- - one core, divided by the cores', 'start', '#6b7280'),
    '</svg>',
    '',
  ].join('\n');
}

const log10 = Math.log10;

function logScale([from, to]: readonly [number, number], [start, end]: readonly [number, number]) {
  return (value: number) =>
    start + ((end - start) * (log10(value) - log10(from))) / (log10(to) - log10(from));
}

function grid(y: number, label: string): string {
  const rule = `<line x1="${BOX.left}" y1="${y.toFixed(1)}" x2="${BOX.right}" y2="${y.toFixed(1)}" stroke="#e5e7eb"/>`;
  return `${rule}\n${text(BOX.left - 8, y + 4, label, 'end', '#6b7280')}`;
}

function line(points: readonly (readonly [number, number])[], colour: string, style = ''): string {
  const path = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
  return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"${style}/>`;
}

function text(x: number, y: number, content: string, anchor: string, colour: string): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${colour}">${content}</text>`;
}

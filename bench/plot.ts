/** Figures as an SVG picture: for each case a bar per program, from the least to the greatest wall time with a line at the median. */
import type { Machine } from './machine.ts';
import { significant } from './report.ts';
import type { CaseFigures } from './runner.ts';

const WIDTH = 860;
const LABELS = 190;
const BAR = 20;
const GAP = 6;
const TITLE = 34;
const PLOT = WIDTH - LABELS - 130;

const COLOURS = { ours: '#1f5fa8', theirs: '#b9bec7', text: '#1d2129', faint: '#6b7280' };

/** A picture of all cases, one below the other, each on an axis of its own that begins at 0. */
export function plotCases(cases: readonly CaseFigures[], on: Machine): string {
  const parts: string[] = [];
  let y = 44;
  for (const one of cases) {
    parts.push(...casePlot(one, y));
    y += TITLE + one.programs.length * (BAR + GAP) + 30;
  }
  const note = `${on.cpu}, ${on.usableCores} cores · Node ${on.versions['node']}`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="13" fill="${COLOURS.text}">`,
    `<rect width="${WIDTH}" height="${y}" fill="white"/>`,
    text(
      16,
      24,
      `Wall time in seconds, median of the runs; whiskers: fastest and slowest. ${note}`,
      {
        fill: COLOURS.faint,
      },
    ),
    ...parts,
    '</svg>',
    '',
  ].join('\n');
}

function casePlot({ suite, name, programs }: CaseFigures, top: number): string[] {
  const most = Math.max(...programs.map(({ seconds }) => seconds.max));
  const ticks = ticksUpTo(most);
  const end = Math.max(most, ticks.at(-1)!);
  const x = (seconds: number) => LABELS + (PLOT * seconds) / end;
  const base = top + TITLE + programs.length * (BAR + GAP);
  const axis = ticks.flatMap((tick) => [
    `<line x1="${round(x(tick))}" y1="${top + TITLE - 6}" x2="${round(x(tick))}" y2="${base}" stroke="#e5e7eb"/>`,
    text(x(tick), base + 14, String(tick), { anchor: 'middle', fill: COLOURS.faint }),
  ]);
  const bars = programs.flatMap(({ program, seconds, wallRatio }, i) => {
    const y = top + TITLE + i * (BAR + GAP);
    const middle = y + BAR / 2;
    const ratio = i === 0 ? '' : ` · ${significant(wallRatio)} ×`;
    return [
      text(LABELS - 8, middle + 4, program, { anchor: 'end' }),
      `<rect x="${LABELS}" y="${y}" width="${round(x(seconds.median) - LABELS)}" height="${BAR}" fill="${i === 0 ? COLOURS.ours : COLOURS.theirs}"/>`,
      `<line x1="${round(x(seconds.min))}" y1="${middle}" x2="${round(x(seconds.max))}" y2="${middle}" stroke="${COLOURS.text}"/>`,
      text(x(seconds.max) + 6, middle + 4, `${significant(seconds.median)} s${ratio}`, {}),
    ];
  });
  return [text(16, top + 14, `${suite}: ${name}`, { weight: 'bold' }), ...axis, ...bars];
}

/** Round numbers from 0 on, about five. */
export function ticksUpTo(most: number): number[] {
  const rough = most / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((k) => k * power).find((size) => size >= rough)!;
  const count = Math.floor(most / step + 1e-9);
  return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(6)));
}

interface TextStyle {
  readonly anchor?: 'middle' | 'end';
  readonly fill?: string;
  readonly weight?: string;
}

function text(x: number, y: number, content: string, { anchor, fill, weight }: TextStyle): string {
  const style = [
    anchor && ` text-anchor="${anchor}"`,
    fill && ` fill="${fill}"`,
    weight && ` font-weight="${weight}"`,
  ];
  return `<text x="${round(x)}" y="${round(y)}"${style.filter(Boolean).join('')}>${escaped(content)}</text>`;
}

export function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function round(value: number): string {
  return value.toFixed(1).replace(/\.0$/, '');
}

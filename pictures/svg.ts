/**
 * SVG files. Maps are embedded as PNG images, since they have more pixels than paths could draw. Text stays text,
 * so that it can be searched, and changed in a drawing program; each piece is anchored where it must not move, so
 * that another font than ours does no harm.
 */
import { FONT_FAMILY } from './font.ts';
import { encodePng } from './png.ts';
import type { FillItem, ImageItem, Item, Line, Scene, StrokeItem, TextItem } from './scene.ts';
import { HALO_OPACITY, WHITE } from './style.ts';

export async function encodeSvg(scene: Scene): Promise<Uint8Array> {
  const { width, height, background, items } = scene;
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="${FONT_FAMILY}">`,
  ];
  if (background !== undefined) {
    lines.push(`<rect width="${width}" height="${height}" fill="${background}"/>`);
  }
  for (const item of items) lines.push(await itemText(item));
  lines.push('</svg>', '');
  return Buffer.from(lines.join('\n'), 'utf8');
}

async function itemText(item: Item): Promise<string> {
  switch (item.kind) {
    case 'image':
      return imageText(item);
    case 'fill':
      return fillText(item);
    case 'stroke':
      return strokeText(item);
    case 'text':
      return textText(item);
    default:
      throw new Error(`unknown item ${item satisfies never}`);
  }
}

async function imageText({ x, y, width, height, rgba }: ImageItem): Promise<string> {
  const png = Buffer.from(await encodePng({ width, height, rgba })).toString('base64');
  return `<image x="${x}" y="${y}" width="${width}" height="${height}" href="data:image/png;base64,${png}"/>`;
}

function fillText({ outlines, colour, opacity }: FillItem): string {
  return `<path d="${pathText(outlines, true)}" fill="${colour}"${opacityText('fill', opacity)}/>`;
}

function strokeText({ lines, closed, width, colour, opacity }: StrokeItem): string {
  const path = pathText(lines, closed === true);
  const pen = `stroke="${colour}" stroke-width="${short(width)}"${opacityText('stroke', opacity)}`;
  return `<path d="${path}" fill="none" ${pen}/>`;
}

function textText({ text, x, y, size, anchor, colour, upright, halo }: TextItem): string {
  const turn = upright === true ? ` transform="rotate(-90 ${short(x)} ${short(y)})"` : '';
  const edge =
    halo === undefined
      ? ''
      : ` stroke="${WHITE}" stroke-opacity="${HALO_OPACITY}" stroke-width="${short(halo)}" stroke-linejoin="round" paint-order="stroke"`;
  const place = `x="${short(x)}" y="${short(y)}" font-size="${short(size)}" text-anchor="${anchor}"`;
  return `<text ${place} fill="${colour}"${edge}${turn}>${escaped(text)}</text>`;
}

function opacityText(what: 'fill' | 'stroke', opacity: number | undefined): string {
  return opacity === undefined ? '' : ` ${what}-opacity="${short(opacity)}"`;
}

function pathText(lines: readonly Line[], closed: boolean): string {
  const parts = lines.map((line) => {
    const points: string[] = [];
    for (let i = 0; i < line.length; i += 2)
      points.push(`${short(line[i]!)} ${short(line[i + 1]!)}`);
    return `M${points.join('L')}${closed ? 'Z' : ''}`;
  });
  return parts.join('');
}

/** Hundredths of a pixel are enough. */
function short(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** XML has no control characters. */
function escaped(text: string): string {
  return text
    .replace(/\p{Cc}/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** Colours of values: the continuous schemes of d3-scale-chromatic, by name. */
import * as chromatic from 'd3-scale-chromatic';
import { requestError } from '../partitioning/error.ts';

/** Colours in a table: fine enough that no step between two is seen. */
export const PALETTE_STEPS = 256;

/** Red, green and blue of each step, one byte each. */
export type Palette = Uint8Array;

const PREFIX = 'interpolate';

/** Names as d3 has them, without `interpolate` and with a small first letter: `viridis`, `rdBu`. */
const interpolators: ReadonlyMap<string, (t: number) => string> = new Map(
  Object.entries(chromatic)
    .filter(([name]) => name.startsWith(PREFIX))
    .map(([name, colour]) => [schemeName(name), colour as (t: number) => string]),
);

function schemeName(name: string): string {
  const bare = name.slice(PREFIX.length);
  return bare[0]!.toLowerCase() + bare.slice(1);
}

export const PALETTE_NAMES: readonly string[] = [...interpolators.keys()].sort();

/**
 * The table of a palette; capital letters do not matter, and `_r` at the end turns it round.
 * @throws the request error that lists the names, for another one
 */
export function createPalette(name: string): Palette {
  const reversed = name.toLowerCase().endsWith('_r');
  const wanted = (reversed ? name.slice(0, -2) : name).toLowerCase();
  const known = PALETTE_NAMES.find((scheme) => scheme.toLowerCase() === wanted);
  if (known === undefined) {
    throw requestError(
      `there is no palette ${name}`,
      `There are ${PALETTE_NAMES.join(', ')}; with _r at the end they run the other way.`,
    );
  }
  const colourAt = interpolators.get(known)!;
  const table = new Uint8Array(3 * PALETTE_STEPS);
  for (let i = 0; i < PALETTE_STEPS; i++) {
    const t = i / (PALETTE_STEPS - 1);
    table.set(bytesOf(colourAt(reversed ? 1 - t : t)), 3 * i);
  }
  return table;
}

/** d3 writes colours as `#rrggbb` or `rgb(r, g, b)`. */
function bytesOf(colour: string): number[] {
  if (colour.startsWith('#')) {
    return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
  }
  return (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map((part) => Math.round(Number(part)));
}

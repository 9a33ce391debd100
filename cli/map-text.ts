/** What is said of sky maps: as data, and as text. */
import type { CategoryValue, SkyMap, SkyMaps } from '../index.ts';
import { countOf, countText } from './format.ts';

/** A map in a few numbers. */
export interface MapFacts {
  /** The category of rows that it is of, where there are several. */
  readonly category?: string | number | boolean | null;
  readonly order: number;
  readonly name: string;
  readonly unit: string | null;
  readonly rows: number;
  /** Pixels that have a value. */
  readonly pixels: number;
  /** Smallest and largest value; null where there is none. */
  readonly least: number | null;
  readonly most: number | null;
}

/** Maps of categories that are told one by one. */
const SHOWN_MAPS = 20;
/** Digits of a value that are shown. */
const SHOWN_DIGITS = 6;

export function mapFacts(made: SkyMap | SkyMaps): MapFacts[] {
  if (!('by' in made)) return [factsOf(made)];
  return Array.from(made, ([category, map]) => ({
    category: typeof category === 'bigint' ? String(category) : category,
    ...factsOf(map),
  }));
}

function factsOf({ order, name, unit, rows, pixels, values }: SkyMap): MapFacts {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  const some = least <= most;
  return {
    order,
    name,
    unit: unit ?? null,
    rows,
    pixels: pixels.length,
    least: some ? least : null,
    most: some ? most : null,
  };
}

/** One line about a map. */
export function mapText(map: SkyMap): string {
  const { order, rows, pixels } = map;
  const all = 12 * 4 ** order;
  const head = `order ${order}: ${countOf(rows, 'row')} in ${countText(pixels.length)} of ${countOf(all, 'pixel')}`;
  const { least, most } = factsOf(map);
  if (least === null || most === null) return head;
  if (map.isCount) {
    const mean = (rows / pixels.length).toFixed(1);
    return `${head}; in those least ${countText(least)}, most ${countText(most)}, mean ${mean}`;
  }
  return `${head}; ${map.name} from ${numberText(least)} to ${withUnit(most, map.unit)}`;
}

/** A line for each category, or for the first ones where there are many. */
export function mapsText(maps: SkyMaps): string[] {
  if (maps.size === 0) return [`order ${maps.order}: no row has a value of ${maps.by}`];
  const lines = Array.from(
    maps,
    ([category, map]) => `${categoryText(maps, category)}, ${mapText(map)}`,
  );
  const more = lines.length - SHOWN_MAPS;
  return more <= 0 ? lines : [...lines.slice(0, SHOWN_MAPS), `… ${countOf(more, 'more map')}`];
}

function categoryText({ by }: SkyMaps, category: CategoryValue): string {
  return `${by} = ${category === null ? 'null' : category}`;
}

function withUnit(value: number, unit: string | undefined): string {
  return unit === undefined ? numberText(value) : `${numberText(value)} ${unit}`;
}

function numberText(value: number): string {
  return String(Number(value.toPrecision(SHOWN_DIGITS)));
}

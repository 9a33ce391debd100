/** Aggregates over the elements of a list: `mean(lc.mag)`, `len(lc)`. Null and NaN are left out, as pandas does. */
import { isFloat } from './types.ts';

/** What users may write, and what it is called here. */
export const OVER_LIST: ReadonlyMap<string, string> = new Map(
  [
    'avg mean average',
    'sum',
    'min',
    'max',
    'median',
    'count',
    'first',
    'last',
    'stddev_samp stddev std',
    'stddev_pop',
    'var_samp variance var',
    'var_pop',
    'bool_and all',
    'bool_or any',
  ].flatMap((line) => {
    const names = line.split(' ');
    return names.map((name): [string, string] => [name, names[0]!]);
  }),
);

export const LISTED_OVER_LISTS =
  'len(lc), and of a field count(lc.mag), sum, mean, min, max, median, first, last, std, var, any and all';

/** What users write for the aggregates that do not take every type. */
const NUMERIC: ReadonlyMap<string, string> = new Map([
  ['avg', 'mean'],
  ['sum', 'sum'],
  ['stddev_samp', 'std'],
  ['stddev_pop', 'stddev_pop'],
  ['var_samp', 'var'],
  ['var_pop', 'var_pop'],
]);
const LOGICAL: ReadonlyMap<string, string> = new Map([
  ['bool_and', 'all'],
  ['bool_or', 'any'],
]);

/** Why an aggregate cannot be taken of elements of a type: the database would say only that it has none that fits. */
export function refuseOverList(
  name: string,
  type: string,
): { readonly what: string; readonly hint: string } | undefined {
  const logical = LOGICAL.get(name);
  if (logical !== undefined && type !== 'BOOLEAN') {
    return {
      what: `${logical}() needs conditions, but the elements are ${type}`,
      hint: `Compare them with something, for example ${logical}(lc.mag > 18).`,
    };
  }
  const numeric = NUMERIC.get(name);
  if (numeric === undefined) return undefined;
  const what = `${numeric}() needs numbers, but the elements are ${type}`;
  // The sum of conditions is the number of those that hold.
  if (type === 'BOOLEAN' && name !== 'sum') {
    const cast = `${numeric}((lc.mag > 18)::int)`;
    return {
      what,
      hint: `Count those that hold with sum(lc.mag > 18), or make them 0 and 1: ${cast}.`,
    };
  }
  if (type !== 'VARCHAR') return undefined;
  return { what, hint: `Numbers in texts can be cast: ${numeric}(lc.text::double).` };
}

/**
 * SQL of an aggregate over a list.
 *
 * @param list SQL that gives the list, cheap to repeat
 * @param type DuckDB type of the elements
 */
export function overListSql(name: string, list: string, type: string): string {
  switch (name) {
    case 'first':
      return `${list}[1]`;
    case 'last':
      return `${list}[-1]`;
    case 'count':
      return `len(${isFloat(type) ? numbersOf(list) : `list_filter(${list}, lambda e: e IS NOT NULL)`})`;
    case 'avg':
    case 'sum':
    case 'min':
    case 'max':
      return isFloat(type) ? skippingNan(name, list) : `list_${name}(${list})`;
    case 'median':
      // The mean of two floats is no float.
      return `list_median(${isFloat(type) ? `${numbersOf(list)}::DOUBLE[]` : list})`;
    default:
      return isFloat(type) ? spread(name, numbersOf(list)) : `list_${name}(${list})`;
  }
}

function numbersOf(list: string): string {
  return `list_filter(${list}, lambda e: NOT isnan(e))`;
}

/** NaN spreads into all of these (it is DuckDB's largest number): only then is it worth looking for. */
function skippingNan(name: string, list: string): string {
  const plain = `list_${name}(${list})`;
  return `CASE WHEN isnan(${plain}) THEN list_${name}(${numbersOf(list)}) ELSE ${plain} END`;
}

/** DuckDB ends the run where a spread is not finite. */
function spread(name: string, list: string): string {
  const infinite = `isinf(list_max(${list})) OR isinf(list_min(${list}))`;
  return `CASE WHEN ${infinite} THEN 'nan'::DOUBLE ELSE list_${name}(${list}) END`;
}

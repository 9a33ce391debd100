/** The aggregates over rows: those whose values of parts can be put together, exactly, to the value of the whole. */

export type AggregateFunction =
  | 'count'
  | 'sum'
  | 'mean'
  | 'min'
  | 'max'
  | 'var_samp'
  | 'var_pop'
  | 'stddev_samp'
  | 'stddev_pop'
  | 'bool_and'
  | 'bool_or';

/** Every name a function is known by. `count_if` is read as a count of its own. */
const NAMES: ReadonlyMap<string, AggregateFunction> = new Map([
  ['count', 'count'],
  ['sum', 'sum'],
  ['mean', 'mean'],
  ['avg', 'mean'],
  ['min', 'min'],
  ['max', 'max'],
  ['var', 'var_samp'],
  ['variance', 'var_samp'],
  ['var_samp', 'var_samp'],
  ['var_pop', 'var_pop'],
  ['std', 'stddev_samp'],
  ['stddev', 'stddev_samp'],
  ['stddev_samp', 'stddev_samp'],
  ['stddev_pop', 'stddev_pop'],
  ['bool_and', 'bool_and'],
  ['bool_or', 'bool_or'],
]);

export const LISTED =
  'Aggregates: count(*), count(x), count_if(condition), sum, mean, min, max, std, stddev_pop, var, var_pop, bool_and, bool_or.';

/** The aggregate called `name`, in lower case; undefined for anything else. */
export function aggregateNamed(name: string): AggregateFunction | undefined {
  return NAMES.get(name);
}

export function isCountIf(name: string): boolean {
  return name === 'count_if' || name === 'countif';
}

function words(text: string): string[] {
  return text.split(' ');
}

const REFUSALS: readonly { names: readonly string[]; what: string; hint: string }[] = [
  {
    names: words('median quantile quantile_cont quantile_disc mad mode percentile'),
    what: 'needs all values of a group at once, and results are put together from parts of the catalog',
    hint: 'Use the method histogram for the distribution of values, or collect the column and work it out from there.',
  },
  {
    names: words('approx_quantile approx_count_distinct approx_top_k reservoir_quantile'),
    what: 'gives an estimate, and aggregates here are exact',
    hint: 'Use the method histogram for the distribution of values.',
  },
  {
    names: words('first last any_value arbitrary arg_min arg_max argmin argmax min_by max_by'),
    what: 'depends on the order of rows, which have none in a group',
    hint: 'Use min(x) or max(x).',
  },
  {
    names: words('histogram'),
    what: 'is a method of its own',
    hint: "Call catalog.histogram('mag', { bins: 50 }).",
  },
  {
    names: words(
      'array_agg bit_and bit_or bit_xor bitstring_agg corr covar_pop covar_samp entropy favg fsum geomean ' +
        'group_concat kahan_sum kurtosis kurtosis_pop list listagg nanmax nanmean nanmin nansum product ' +
        'regr_slope regr_intercept sem skewness string_agg sumkahan',
    ),
    what: 'is not among the aggregates here',
    hint: LISTED,
  },
];

/** Why an aggregate that other systems have is not to be had; undefined for other names. */
export function refuseAggregate(name: string): { what: string; hint: string } | undefined {
  const refusal = REFUSALS.find(({ names }) => names.includes(name));
  return refusal === undefined
    ? undefined
    : { what: `${name}() ${refusal.what}`, hint: refusal.hint };
}

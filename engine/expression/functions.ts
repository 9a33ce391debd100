/**
 * The functions an expression may call: a list by name, so that nothing DuckDB adds is let in unseen. Each is a
 * scalar function whose answer depends on its arguments alone; a test compares the list with `duckdb_functions()`.
 * Left out are functions that read files, settings, the clock or chance, that wait or fail on purpose, that need a
 * lambda, and aggregates. `mod` keeps SQL's sign (of the dividend), unlike the operator `%`.
 */
import { nearestNames } from '../../partitioning/nearest-names.ts';
import { LISTED_OVER_LISTS } from './over-list.ts';

/** Names as one string per family: easier to read than two hundred quoted words. */
const FAMILIES: readonly string[] = [
  // numbers
  'abs bit_count cbrt ceil ceiling even exp factorial floor gamma gcd greatest greatest_common_divisor isfinite',
  'isinf isnan lcm least least_common_multiple lgamma ln log10 log2 mod nextafter pi pow power round sign signbit',
  'sqrt trunc xor',
  // angles
  'acos acosh asin asinh atan atan2 atanh cos cosh cot degrees radians sin sinh tan tanh',
  // text
  'bin char_length character_length chr concat concat_ws contains damerau_levenshtein ends_with format from_hex',
  'hamming hash hex instr jaccard jaro_similarity jaro_winkler_similarity lcase left length levenshtein lower lpad',
  'ltrim md5 nfc_normalize ord prefix printf regexp_escape regexp_extract regexp_extract_all regexp_full_match',
  'regexp_matches regexp_replace repeat replace reverse right rpad rtrim sha1 sha256 split starts_with str_split',
  'string_split string_to_array strip_accents strlen strpos substr substring suffix to_base to_hex translate trim',
  'ucase unhex unicode upper',
  // dates and times
  'date_diff date_part date_sub date_trunc datediff datepart datesub datetrunc day dayname dayofmonth dayofweek',
  'dayofyear decade epoch epoch_ms epoch_ns epoch_us era hour isodow isoyear julian last_day make_date make_time',
  'make_timestamp microsecond millisecond minute month monthname nanosecond quarter second strftime strptime',
  'time_bucket to_days to_hours to_microseconds to_milliseconds to_minutes to_months to_seconds to_weeks to_years',
  'try_strptime week weekday weekofyear year yearweek',
  // structs and maps
  'cardinality element_at map_contains map_extract map_keys map_values struct_extract',
  'typeof',
];

/** Functions that take whole lists. */
const LIST_FAMILIES: readonly string[] = [
  'array_contains array_extract array_has array_length array_position flatten len',
  'list_concat list_contains list_cosine_similarity list_distance list_distinct list_dot_product list_element',
  'list_extract list_has list_has_all list_has_any list_inner_product list_intersect list_position list_slice',
  'list_sort list_unique',
];

export const LIST_FUNCTIONS: ReadonlySet<string> = new Set(
  LIST_FAMILIES.flatMap((family) => family.split(' ')),
);

export const FUNCTIONS: ReadonlySet<string> = new Set([
  ...FAMILIES.flatMap((family) => family.split(' ')),
  ...LIST_FUNCTIONS,
]);

/** Names numpy and pandas use for functions DuckDB calls otherwise. */
export const OTHER_NAMES: ReadonlyMap<string, string> = new Map([
  ['arccos', 'acos'],
  ['arccosh', 'acosh'],
  ['arcsin', 'asin'],
  ['arcsinh', 'asinh'],
  ['arctan', 'atan'],
  ['arctan2', 'atan2'],
  ['arctanh', 'atanh'],
]);

interface Refusal {
  readonly names: readonly string[];
  /** Follows the function's name. */
  readonly what: string;
  readonly hint?: string;
}

function words(text: string): string[] {
  return text.split(' ');
}

const REFUSALS: readonly Refusal[] = [
  {
    names: ['log'],
    what: 'is ambiguous: base 10 in SQL, natural in Python',
    hint: 'Write ln(x) or log10(x).',
  },
  {
    names: ['min', 'max'],
    what: 'is an aggregate over rows, and an expression sees one row at a time',
    hint: 'For the smallest or largest of several values write least(a, b) or greatest(a, b).',
  },
  {
    names: words(
      'any_value approx_count_distinct approx_quantile arbitrary arg_max arg_min array_agg avg bool_and bool_or ' +
        'bit_and bit_or bit_xor corr count count_if count_star countif covar_pop covar_samp entropy favg first fsum ' +
        'group_concat histogram kurtosis last list list_aggr list_aggregate list_avg list_max list_mean list_median ' +
        'list_min list_stddev_samp list_sum mad mean median mode nanmax nanmean nanmin nansum product quantile ' +
        'quantile_cont quantile_disc sem skewness std stddev stddev_pop stddev_samp string_agg sum var var_pop ' +
        'var_samp variance',
    ),
    what: 'is an aggregate over rows or list elements, and an expression sees one row at a time',
    hint: `Over the elements of a list there are ${LISTED_OVER_LISTS}.`,
  },
  {
    names: words(
      'row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value fill',
    ),
    what: 'is a window function, which is not supported',
  },
  {
    names: words(
      'read_text read_blob read_csv read_csv_auto sniff_csv read_json read_json_auto read_json_objects read_ndjson ' +
        'read_parquet parquet_scan parquet_metadata parquet_schema parquet_file_metadata parquet_kv_metadata ' +
        'parquet_bloom_probe glob query query_table unnest unpivot_list generate_subscripts read_duckdb',
    ),
    what: 'is a table function, which an expression may not call',
  },
  {
    names: words(
      'getenv current_setting getvariable version pg_typeof current_database current_schema current_schemas ' +
        'current_user session_user user current_role current_catalog current_query current_connection_id txid_current ' +
        'current_transaction_id current_query_id in_search_path',
    ),
    what: 'looks at the program that runs the expression, which is not allowed',
  },
  {
    names: words(
      'now today current_date current_time current_timestamp current_localtime current_localtimestamp localtime ' +
        'localtimestamp get_current_time get_current_timestamp transaction_timestamp age ago random setseed uuid ' +
        'uuidv4 uuidv7 gen_random_uuid stats vector_type',
    ),
    what: 'gives another answer each time, which is not allowed',
    hint: 'Write the value itself.',
  },
  {
    names: words('nextval currval error write_log sleep_ms pg_sleep'),
    what: 'has effects besides its answer, which is not allowed',
  },
  {
    names: words(
      'list_transform list_filter list_reduce list_apply array_transform array_filter array_reduce array_apply apply ' +
        'filter reduce',
    ),
    what: 'needs a lambda function, which is not supported',
  },
];

/** Why a function that is not in {@link FUNCTIONS} cannot be called, and what to do. */
export function refuseFunction(name: string): { what: string; hint?: string } {
  const refusal = REFUSALS.find(({ names }) => names.includes(name));
  if (refusal !== undefined) {
    const what = `${name}() ${refusal.what}`;
    return refusal.hint === undefined ? { what } : { what, hint: refusal.hint };
  }
  const near = nearestNames(name, [...FUNCTIONS]);
  const what = `there is no function ${name}() in expressions`;
  return near.length === 0 ? { what } : { what, hint: `Did you mean ${near.join(' or ')}?` };
}

/** Why a bare word such as `current_user` is refused; undefined when it is only an unknown name. */
export function refuseWord(word: string): { what: string; hint?: string } | undefined {
  const lower = word.toLowerCase();
  const refusal = REFUSALS.find(({ names }) => names.includes(lower));
  // DuckDB calls these without parentheses.
  if (refusal === undefined || !/^(?:current_|session_user|user$|localtime)/.test(lower))
    return undefined;
  const what = `${lower} ${refusal.what}`;
  return refusal.hint === undefined ? { what } : { what, hint: refusal.hint };
}

/** The names of the options that the methods of a catalog take. */
import type { OptionNames } from '../partitioning/options.ts';
import type { AggregateOptions } from './ends/aggregate.ts';
import type { ExplainOptions } from './ends/explain-query.ts';
import type { HistogramOptions } from './ends/histogram.ts';
import type { SkyMapOptions } from './ends/make-sky-map.ts';
import type { WriteFileOptions } from './ends/write-file.ts';
import type {
  GenerateOptions,
  WriteHatsOptions,
  WriteMarginOptions,
} from './ends/write-options.ts';
import type { JoinKeys, JoinOptions, MergeAsofOptions } from './plan/join-settings.ts';
import type { SuffixOptions } from './plan/match-names.ts';
import type { MatchSettings } from './plan/match-settings.ts';
import type { ExplodeOptions } from './plan/nested-columns.ts';
import type { NestedJoinOptions, NestedMatchOptions } from './plan/pairs.ts';
import type { MapPartitionsOptions, MapRowsOptions } from './plan/user-code.ts';
import type { RunSettings } from './runtime.ts';

const SUFFIXES: OptionNames<SuffixOptions> = { suffixes: true, suffixMethod: true };

const MATCH_TERMS: OptionNames<Omit<MatchSettings, keyof SuffixOptions>> = {
  radiusArcsec: true,
  minRadiusArcsec: true,
  neighbors: true,
  how: true,
};

const JOIN_KEYS: OptionNames<JoinKeys> = {
  on: true,
  leftOn: true,
  rightOn: true,
  how: true,
  withinArcsec: true,
};

/** What every end takes. */
export const RUN_SETTINGS: OptionNames<RunSettings> = {
  signal: true,
  onProgress: true,
  onWarning: true,
  workers: true,
  memoryBytes: true,
  dropInvalid: true,
  maxBytes: true,
  maxCostDollars: true,
};

export const CROSSMATCH: OptionNames<MatchSettings> = { ...MATCH_TERMS, ...SUFFIXES };

export const CROSSMATCH_NESTED: OptionNames<NestedMatchOptions> = { ...MATCH_TERMS, name: true };

/** Of a join between catalogs, which has two more than one between plans. */
export const JOIN: OptionNames<JoinOptions & Record<'nested' | 'through', unknown>> = {
  ...JOIN_KEYS,
  ...SUFFIXES,
  nested: true,
  through: true,
};

export const JOIN_NESTED: OptionNames<NestedJoinOptions> = { ...JOIN_KEYS, name: true };

export const MERGE_ASOF: OptionNames<MergeAsofOptions> = {
  on: true,
  by: true,
  direction: true,
  tolerance: true,
  how: true,
  withinArcsec: true,
  ...SUFFIXES,
};

export const EXPLODE: OptionNames<ExplodeOptions> = { how: true, prefix: true };

export const MAP_ROWS: OptionNames<MapRowsOptions> = {
  columns: true,
  returns: true,
  constants: true,
  onError: true,
  rowTimeoutSeconds: true,
};

export const MAP_PARTITIONS: OptionNames<MapPartitionsOptions> = {
  columns: true,
  returns: true,
  constants: true,
};

export const WRITE_FILE: OptionNames<WriteFileOptions> = {
  compression: true,
  compressionLevel: true,
  overwrite: true,
  ...RUN_SETTINGS,
};

export const WRITE_MARGIN: OptionNames<WriteMarginOptions> = { name: true, ...WRITE_FILE };

export const GENERATE: OptionNames<GenerateOptions> = { marginArcsec: true, ...WRITE_MARGIN };

export const WRITE_HATS: OptionNames<WriteHatsOptions> = {
  rowsPerPartition: true,
  resume: true,
  ...GENERATE,
};

export const SKY_MAP: OptionNames<SkyMapOptions> = {
  order: true,
  value: true,
  by: true,
  ...RUN_SETTINGS,
};

export const AGGREGATE: OptionNames<AggregateOptions> = { by: true, ...RUN_SETTINGS };

export const HISTOGRAM: OptionNames<HistogramOptions> = {
  bins: true,
  range: true,
  edges: true,
  ...RUN_SETTINGS,
};

export const EXPLAIN: OptionNames<ExplainOptions> = { columns: true, map: true, ...RUN_SETTINGS };

/** The fluent, lazy interface: a plan, and methods that return a longer plan or run it. */
import type { RecordBatch, Table } from 'apache-arrow';
import { type CatalogDescription, describeCatalog } from '../catalogs/describe.ts';
import type { Column } from '../catalogs/types.ts';
import { requestError } from '../partitioning/error.ts';
import { checkOptions } from '../partitioning/options.ts';
import type { Pixel } from '../partitioning/pixel.ts';
import { mocFromJson, rangesToText } from '../partitioning/ranges.ts';
import { checkRegion, type Region } from '../partitioning/region.ts';
import type { AggregateOptions, AggregateSpecs } from './ends/aggregate.ts';
import { countRows } from './ends/count.ts';
import { type ExplainOptions, explainQuery } from './ends/explain-query.ts';
import { type Histogram, type HistogramOptions, histogram } from './ends/histogram.ts';
import { type SkyMapOptions, skyMap } from './ends/make-sky-map.ts';
import type { RunSummary } from './ends/run.ts';
import type { SkyMap, SkyMaps } from './ends/sky-map.ts';
import { wholePlan } from './ends/whole-plan.ts';
import type { FileFormat, FileResult, WriteFileOptions } from './ends/write-file.ts';
import { writeHats } from './ends/write-hats.ts';
import type { WriteHatsOptions, WriteResult } from './ends/write-options.ts';
import type { Explanation } from './explain.ts';
import * as known from './option-names.ts';
import type { JoinOptions, MergeAsofOptions } from './plan/join-settings.ts';
import type { MatchSettings } from './plan/match-settings.ts';
import {
  type ExplodeOptions,
  explodeNode,
  filterNode,
  nestListsNode,
  selectNode,
  sortNode,
  valuesNode,
} from './plan/nested-columns.ts';
import { node, type PlanNode, scansOf } from './plan/node.ts';
import {
  associationNode,
  joinNode,
  matchNode,
  mergeAsofNode,
  type NestedJoinOptions,
  type NestedMatchOptions,
  nestedJoinNode,
  nestedMatchNode,
} from './plan/pairs.ts';
import { positionOf, schemaOf } from './plan/schema.ts';
import { overKnownColumns } from './plan/unsettled.ts';
import {
  type MapPartitionsOptions,
  type MapRowsOptions,
  type PartitionFunction,
  type RowFunction,
  rowsNode,
  tableNode,
} from './plan/user-code.ts';
import type { RunSettings, Runtime } from './runtime.ts';
import type { ModuleFunction } from './user/code.ts';

export interface CatalogJoinOptions extends JoinOptions {
  /** Put the partners of each row together as the nested column of this name. */
  readonly nested?: string;
  /** An association catalog that lists which rows belong together; it takes the place of the keys. */
  readonly through?: Catalog;
}

/**
 * A catalog, or what a query makes of one. Immutable and lazy: every method returns a new catalog, and nothing
 * is read before one of the ends (`count`, `collect`, iteration, `write…`, `skymap`) runs.
 */
export class Catalog {
  /** The logical plan: frozen plain data. */
  readonly plan: PlanNode;
  readonly #runtime: Runtime;

  constructor(plan: PlanNode, runtime: Runtime) {
    this.plan = plan;
    this.#runtime = runtime;
  }

  /** Name for suffixes and titles. */
  get name(): string {
    return schemaOf(this.plan).name;
  }

  /** Columns of the result: names, DuckDB types, units. */
  get columns(): readonly Column[] {
    return schemaOf(this.plan).columns;
  }

  /** What the metadata say of the catalog that gives rows their place. */
  describe(): CatalogDescription {
    return describeCatalog(scansOf(this.plan)[0]!.catalog);
  }

  /** Rows for which a boolean SQL expression is true; pandas' `&`, `|`, `==` and backticks are understood. */
  query(expression: string): Catalog {
    return this.#over([], () => filterNode(this.plan, expression));
  }

  /** Only these columns, in this order; `lc.mag` is one field of a nested column `lc`, and the others are not read. */
  select(columns: readonly string[]): Catalog {
    return this.#over([], () => selectNode(this.plan, columns));
  }

  /** Columns computed from each row, as `{ amplitude: 'max(lc.mag) - min(lc.mag)' }`. */
  withColumns(expressions: Readonly<Record<string, string>>): Catalog {
    return this.#over([], () => valuesNode(this.plan, expressions));
  }

  /** The elements of the nested column `nest` in the order of its field `by`; null and NaN come last. */
  sortNested(nest: string, by: string, options: { readonly descending?: boolean } = {}): Catalog {
    checkOptions('sortNested', options, { descending: true });
    return this.#over([], () => sortNode(this.plan, nest, by, options.descending === true));
  }

  /** One row per element of a nested column, whose fields become columns, or of a list column. */
  explode(column: string, options: ExplodeOptions = {}): Catalog {
    checkOptions('explode', options, known.EXPLODE);
    return this.#over([], () => explodeNode(this.plan, column, options));
  }

  /** List columns, given as `{ field: column }`, put together as the nested column `name`. */
  nestLists(name: string, lists: Readonly<Record<string, string>>): Catalog {
    return this.#over([], () => nestListsNode(this.plan, name, lists));
  }

  /** Rows within `radiusArcsec` (inclusive) of a position in degrees. */
  coneSearch(ra: number, dec: number, radiusArcsec: number): Catalog {
    return this.search({ kind: 'cone', ra, dec, radiusArcsec });
  }

  /** Rows between two RAs (may cross 0) and two Decs, degrees, inclusive. */
  boxSearch(ra: readonly [number, number], dec: readonly [number, number]): Catalog {
    return this.search({ kind: 'box', ra: [...ra], dec: [...dec] });
  }

  /** Rows inside a spherical polygon of `[ra, dec]` vertices, degrees. */
  polygonSearch(vertices: readonly (readonly [number, number])[]): Catalog {
    return this.search({ kind: 'polygon', vertices: vertices.map(([ra, dec]) => [ra, dec]) });
  }

  /** Rows inside a MOC, as its JSON form `{ order: [pixels] }`. */
  mocSearch(moc: unknown): Catalog {
    return this.search({ kind: 'moc', ranges: rangesToText(mocFromJson(moc)) });
  }

  /** Rows inside HEALPix pixels (NESTED). */
  pixelSearch(pixels: readonly Pixel[]): Catalog {
    return this.search({ kind: 'pixels', pixels: pixels.map((pixel) => ({ ...pixel })) });
  }

  /** Rows stored in partitions of these orders. */
  orderSearch(min = 0, max = 29): Catalog {
    return this.search({ kind: 'orders', min, max });
  }

  /** Rows inside any region given as plain data. */
  search(region: Region): Catalog {
    positionOf(schemaOf(this.plan));
    return this.#with({ kind: 'region', input: this.plan, region: checkRegion(region) });
  }

  /**
   * For each row, the nearest rows of `other` (or all of them) with
   * `minRadiusArcsec < distance < radiusArcsec`. Complete at partition borders, with or without a margin catalog.
   * The distance is added as `_dist_arcsec`.
   */
  crossmatch(other: Catalog, options: MatchSettings): Catalog {
    checkOptions('crossmatch', options, known.CROSSMATCH);
    return this.#over([other], () => matchNode(this.plan, other.plan, options));
  }

  /** The same with one row per row of this side: its matches are the nested column `name` (default: the other's). */
  crossmatchNested(other: Catalog, options: NestedMatchOptions): Catalog {
    checkOptions('crossmatchNested', options, known.CROSSMATCH_NESTED);
    return this.#over([other], () => nestedMatchNode(this.plan, other.plan, options));
  }

  /**
   * Rows of `other` with equal keys, at most `withinArcsec` (default 10) away; through an association catalog the pairs
   * that it lists. With `nested`, one row per row of this side, its partners put together as that nested column.
   */
  join(other: Catalog, options: CatalogJoinOptions): Catalog {
    checkOptions('join', options, known.JOIN);
    const { through, ...terms } = options;
    if (through !== undefined) {
      return this.#over([other], () => associationNode(this.plan, through.plan, other.plan, terms));
    }
    return this.#over([other], () => joinNode(this.plan, other.plan, terms));
  }

  /** A join with one row per row of this side: its partners are the nested column `name` (default: the other's name). */
  joinNested(other: Catalog, options: NestedJoinOptions): Catalog {
    checkOptions('joinNested', options, known.JOIN_NESTED);
    return this.#over([other], () => nestedJoinNode(this.plan, other.plan, options));
  }

  /** Each row with the one of `other` that is nearest in an ordered column, such as a time, as pandas.merge_asof. */
  mergeAsof(other: Catalog, options: MergeAsofOptions = {}): Catalog {
    checkOptions('mergeAsof', options, known.MERGE_ASOF);
    return this.#over([other], () => mergeAsofNode(this.plan, other.plan, options));
  }

  /**
   * Runs a function on every row, in the workers; what it returns becomes further columns. Scalars come as numbers,
   * 64-bit integers as bigint, lists as typed arrays. The function is `{ module, export }`, or one that needs nothing
   * around it.
   */
  mapRows(fn: RowFunction | ModuleFunction, options: MapRowsOptions = {}): Catalog {
    checkOptions('mapRows', options, known.MAP_ROWS);
    return this.#over([], () => rowsNode(this.plan, fn, options));
  }

  /** The same as {@link mapRows}. */
  forEach(fn: RowFunction | ModuleFunction, options: MapRowsOptions = {}): Catalog {
    checkOptions('forEach', options, known.MAP_ROWS);
    return this.mapRows(fn, options);
  }

  /** Runs a function on every partition, in the workers: an Arrow table in, an Arrow table out. */
  mapPartitions(
    fn: PartitionFunction | ModuleFunction,
    options: MapPartitionsOptions = {},
  ): Catalog {
    checkOptions('mapPartitions', options, known.MAP_PARTITIONS);
    return this.#over([], () => tableNode(this.plan, fn, options));
  }

  /** The first `count` rows in spatial order. */
  limit(count: number): Catalog {
    if (!Number.isInteger(count) || count < 0) {
      throw requestError(`limit ${count} is not a whole number of rows`);
    }
    return this.#with({ kind: 'limit', input: this.plan, count });
  }

  /** The number of rows. */
  async count(settings: RunSettings = {}): Promise<number> {
    const plan = await this.#checked('count', settings);
    return (await countRows(plan, this.#runtime, settings)).rows;
  }

  /** Counts the rows and says how long that took, and where the time went. */
  async run(settings: RunSettings = {}): Promise<RunSummary> {
    return countRows(await this.#checked('run', settings), this.#runtime, settings);
  }

  /** All rows in memory, in spatial order; refused where they do not fit an Arrow table. */
  async collect(settings: RunSettings = {}): Promise<Table> {
    // Arrow is loaded by the ends that give tables: it takes a fifth of the time that a small count does.
    const { collect } = await import('./ends/collect.ts');
    return collect(await this.#checked('collect', settings), this.#runtime, settings);
  }

  /** Record batches in spatial order, with bounded memory. */
  async *batches(settings: RunSettings = {}): AsyncGenerator<RecordBatch, void, void> {
    const { batchesOf } = await import('./ends/collect.ts');
    yield* batchesOf(await this.#checked('batches', settings), this.#runtime, settings);
  }

  [Symbol.asyncIterator](): AsyncGenerator<RecordBatch, void, void> {
    return this.batches();
  }

  /** Writes a HATS catalog (a collection, when a margin is asked for), whole or not at all. */
  async writeHats(dir: string, options: WriteHatsOptions = {}): Promise<WriteResult> {
    checkOptions('writeHats', options, known.WRITE_HATS);
    return writeHats(await this.#whole(options), dir, this.#runtime, options);
  }

  /** Writes one Parquet file. */
  writeParquet(file: string, options: WriteFileOptions = {}): Promise<FileResult> {
    return this.#writeFile('writeParquet', file, 'parquet', options);
  }

  /** Writes one CSV file with a header. */
  writeCsv(file: string, options: WriteFileOptions = {}): Promise<FileResult> {
    return this.#writeFile('writeCsv', file, 'csv', options);
  }

  /** Writes one Arrow IPC file. */
  writeArrow(file: string, options: WriteFileOptions = {}): Promise<FileResult> {
    return this.#writeFile('writeArrow', file, 'arrow', options);
  }

  /**
   * A map of the sky: in each HEALPix pixel the number of rows, or the value of an aggregate such as `mean(mag)`. A
   * match gives its rows at the left position. With `by` a map for each category.
   */
  skymap(options: SkyMapOptions & { readonly by: string }): Promise<SkyMaps>;
  skymap(options: SkyMapOptions): Promise<SkyMap>;
  async skymap(options: SkyMapOptions): Promise<SkyMap | SkyMaps> {
    checkOptions('skymap', options, known.SKY_MAP);
    return skyMap(this.plan, () => this.#whole(options), this.#runtime, options);
  }

  /**
   * Aggregates of all rows, or of groups of them: `aggregate({ n: 'count(*)', m: 'mean(mag)' }, { by: 'band' })`. Sums
   * are exact; null and NaN are left out of everything but `count(*)`. The table has the keys first, ascending.
   */
  async aggregate(specs: AggregateSpecs, options: AggregateOptions = {}): Promise<Table> {
    checkOptions('aggregate', options, known.AGGREGATE);
    const { aggregate } = await import('./ends/aggregate.ts');
    return aggregate(this.plan, () => this.#whole(options), specs, this.#runtime, options);
  }

  /** The number of rows by the value of a column or expression, in bins. */
  async histogram(expression: string, options: HistogramOptions = {}): Promise<Histogram> {
    checkOptions('histogram', options, known.HISTOGRAM);
    return histogram(this.plan, () => this.#whole(options), expression, this.#runtime, options);
  }

  /**
   * What a run would read and do; runs nothing. `columns`: what the sink would read, default all; `map`: what a sky
   * map would. A limit in the middle of the query is shown in the plan and not in the estimates.
   */
  async explain(options: ExplainOptions = {}): Promise<Explanation> {
    checkOptions('explain', options, known.EXPLAIN);
    return explainQuery(this.plan, this.#runtime, options);
  }

  async #writeFile(
    method: string,
    file: string,
    format: FileFormat,
    options: WriteFileOptions,
  ): Promise<FileResult> {
    checkOptions(method, options, known.WRITE_FILE);
    const { writeRowsFile } = await import('./ends/write-file.ts');
    return writeRowsFile(await this.#whole(options), file, format, this.#runtime, options);
  }

  /** The plan for an end that takes the settings of a run and nothing else. */
  #checked(method: string, settings: RunSettings): Promise<PlanNode> {
    checkOptions(method, settings, known.RUN_SETTINGS);
    return this.#whole(settings);
  }

  #whole(settings: RunSettings): Promise<PlanNode> {
    return wholePlan(this.plan, this.#runtime, settings);
  }

  #over(others: readonly Catalog[], build: () => PlanNode): Catalog {
    const inputs = [this.plan, ...others.map(({ plan }) => plan)];
    return this.#with(overKnownColumns(inputs, build));
  }

  #with(next: PlanNode): Catalog {
    return new Catalog(node(next), this.#runtime);
  }
}

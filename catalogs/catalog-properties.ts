/** What the properties of a catalog or a collection say, checked against the rules of each catalog type. */
import { z } from 'zod';
import { dataError } from '../partitioning/error.ts';
import { INDEX_ORDER } from '../partitioning/pixel.ts';
import { listOf, parseProperties, standardKeys } from './properties.ts';
import type { CatalogType } from './types.ts';

const count = z.string().regex(/^\d+$/, 'is not a whole number').transform(Number);
const number = z.string().transform(Number).refine(Number.isFinite, 'is not a number');
const order = count.refine((value) => value <= INDEX_ORDER, `is above ${INDEX_ORDER}`);
const words = z.string().transform(listOf);
const orders = words
  .refine((list) => list.every((word) => /^\d+$/.test(word)), 'is not a list of orders')
  .transform((list) => [...new Set(list.map(Number))].sort((a, b) => a - b));
/** The words that pydantic, with which the reference reads booleans, understands. */
const flag = z
  .string()
  .toLowerCase()
  .regex(/^(true|false|1|0|yes|no|t|f|y|n|on|off)$/, 'is neither true nor false')
  .transform((word) => /^(true|1|yes|t|y|on)$/.test(word));
const pairs = words
  .refine(
    (list) => list.length % 2 === 0,
    'has an odd number of words: it should be pairs of name and path',
  )
  .transform((list) => {
    const result: Record<string, string> = {};
    for (let i = 0; i < list.length; i += 2) result[list[i]!] = list[i + 1]!;
    return result;
  });

const catalogTypes = ['object', 'source', 'margin', 'association', 'map', 'index'] as const;

const catalogSchema = z.object({
  obs_collection: z.string().optional(),
  dataproduct_type: z.enum(catalogTypes, `is not one of ${catalogTypes.join(', ')}`).optional(),
  hats_nrows: count.optional(),
  hats_col_ra: z.string().optional(),
  hats_col_dec: z.string().optional(),
  hats_cols_default: words.optional(),
  hats_col_healpix: z.string().optional(),
  hats_col_healpix_order: order.optional(),
  hats_primary_table_url: z.string().optional(),
  hats_margin_threshold: number.optional(),
  hats_assn_leaf_files: flag.optional(),
  hats_index_column: z.string().optional(),
  hats_npix_suffix: z.string().optional(),
  hats_skymap_order: order.optional(),
  hats_skymap_alt_orders: orders.optional(),
});

/** Keys each type cannot do without, besides `obs_collection` and `dataproduct_type`. */
const REQUIRED: Readonly<Record<CatalogType, readonly string[]>> = {
  object: ['hats_col_ra', 'hats_col_dec'],
  source: ['hats_col_ra', 'hats_col_dec'],
  margin: ['hats_primary_table_url', 'hats_margin_threshold'],
  index: ['hats_primary_table_url', 'hats_index_column'],
  association: [
    'hats_primary_table_url',
    'hats_col_assn_primary',
    'hats_assn_join_table_url',
    'hats_col_assn_join',
    'hats_assn_leaf_files',
  ],
  map: [],
};

/** A catalog's properties, typed. */
export interface CatalogProperties {
  readonly name: string;
  readonly type: CatalogType;
  readonly rows?: number;
  readonly raColumn?: string;
  readonly decColumn?: string;
  readonly defaultColumns?: readonly string[];
  readonly healpixColumn?: string;
  readonly healpixOrder: number;
  readonly marginThresholdArcsec?: number;
  /** False for an association without leaf files. */
  readonly hasLeafFiles: boolean;
  readonly indexColumn?: string;
  /** The table a margin, index or association belongs to: free text, only good for messages. */
  readonly primary?: string;
  readonly npixSuffix: string;
  readonly skymapOrder?: number;
  readonly skymapAltOrders: readonly number[];
  /** Every key by its standard name, unknown ones included. */
  readonly all: Readonly<Record<string, string>>;
}

/**
 * Reads a catalog's properties file.
 * @param where path of the file, for messages
 * @throws the `data` error that names every missing or unreadable key
 */
export function readCatalogProperties(text: string, where: string): CatalogProperties {
  const all = standardKeys(parseProperties(text), 'catalog');
  const found = checked(catalogSchema.safeParse(all), where);
  const type = found.dataproduct_type;
  const needed = [
    'obs_collection',
    'dataproduct_type',
    ...(type === undefined ? [] : REQUIRED[type]),
  ];
  const missing = needed.filter((key) => all[key] === undefined);
  if (type === undefined || missing.length > 0) {
    const kind = type === undefined ? 'a catalog' : `a catalog of type ${type}`;
    throw dataError(`${missing.join(', ')} missing from the properties of ${kind}`, where);
  }
  return {
    name: found.obs_collection!,
    type,
    rows: found.hats_nrows,
    raColumn: found.hats_col_ra,
    decColumn: found.hats_col_dec,
    defaultColumns: found.hats_cols_default,
    healpixColumn: found.hats_col_healpix,
    healpixOrder: found.hats_col_healpix_order ?? INDEX_ORDER,
    marginThresholdArcsec: found.hats_margin_threshold,
    hasLeafFiles: found.hats_assn_leaf_files ?? true,
    indexColumn: found.hats_index_column,
    primary: found.hats_primary_table_url,
    npixSuffix: found.hats_npix_suffix ?? '.parquet',
    skymapOrder: found.hats_skymap_order,
    skymapAltOrders: found.hats_skymap_alt_orders ?? [],
    all,
  };
}

const collectionSchema = z
  .object({
    obs_collection: z.string('is missing'),
    hats_primary_table_url: z.string('is missing'),
    all_margins: words.default([]),
    default_margin: z.string().optional(),
    all_indexes: pairs.default({}),
    default_index: z.string().optional(),
    all_extensions: pairs.default({}),
  })
  .refine((c) => c.default_margin === undefined || c.all_margins.includes(c.default_margin), {
    path: ['default_margin'],
    message: 'is not in all_margins',
  })
  .refine((c) => c.default_index === undefined || c.default_index in c.all_indexes, {
    path: ['default_index'],
    message: 'is not a field of all_indexes',
  });

/** A collection's properties, typed; members as they are written there. */
export interface CollectionProperties {
  readonly name: string;
  readonly primary: string;
  readonly margins: readonly string[];
  readonly defaultMargin?: string;
  /** Field → index catalog. */
  readonly indexes: Readonly<Record<string, string>>;
  readonly defaultIndex?: string;
  /** Alias → properties file of the extension. */
  readonly extensions: Readonly<Record<string, string>>;
  readonly all: Readonly<Record<string, string>>;
}

/** Reads a `collection.properties` file; throws like {@link readCatalogProperties}. */
export function readCollectionProperties(text: string, where: string): CollectionProperties {
  const all = standardKeys(parseProperties(text), 'collection');
  const found = checked(collectionSchema.safeParse(all), where);
  return {
    name: found.obs_collection,
    primary: found.hats_primary_table_url,
    margins: found.all_margins,
    defaultMargin: found.default_margin,
    indexes: found.all_indexes,
    defaultIndex: found.default_index,
    extensions: found.all_extensions,
    all,
  };
}

function checked<T>(result: z.ZodSafeParseResult<T>, where: string): T {
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  throw dataError(`the properties file is not valid: ${problems.join('; ')}`, where);
}
